"""From fp32 ONNX to int8: where numbers are rounded, in what steps, and what is left alone."""
