"""TensorRT plans: built on this device, and kept under the key of what they were built from."""
