"""open_clip models to model directories: image and text tower in ONNX, and what feeds them.

`exporting.export_model` does all of it. torch enters through `_torch`, open_clip through
`_open_clip`, the hub's client through `hub`, and each only when it is needed.
"""
