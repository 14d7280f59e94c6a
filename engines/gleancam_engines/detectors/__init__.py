"""From a model's output tensors to boxes in the frame: one file for each output layout."""
