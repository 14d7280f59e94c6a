"""CUDA: what device there is, and its memory, streams and kernels."""
