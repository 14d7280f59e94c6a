"""torch, with the two operators without which torchvision refuses to be imported after it."""

from __future__ import annotations

import torch

__all__ = ["torch"]

library = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    library.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
