"""Made tests/engines/recorded_outputs, by hand; no test runs this.

Each file runs one family of detectors on photographs and has an implementation of others find the
boxes: their package, their way of undoing the letterbox, their suppression. Neither imports
anything of gleancam. `python -m record_outputs --help`, in `tests`, with an environment that is
thrown away and has the packages that a file names.
"""
