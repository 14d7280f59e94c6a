"""Preprocessing on the GPU: one CUDA source, its parameters, its launch and its compilation."""
