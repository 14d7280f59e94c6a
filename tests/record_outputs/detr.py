"""RT-DETR, D-FINE and RF-DETR of seeded random weights. Found by transformers' post-processing.

pip install transformers torch torchvision

The architectures are the published ones in every detail; no package carries weights for them. Such
a model sees nothing, but what it gives has the layout, and the spread of values, to be decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import transformers

from record_outputs.photographs import Photograph
from record_outputs.recording import Floats, Recorded, about, rows
from record_outputs.torch_ import torch

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
KEPT = 250
"""More pairs of query and class are below `least`; any decoder takes as many."""


def record(model: Path, photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Recorded]]:
    """`model` is one of the names in `MADE`; there is no file."""
    network, side, processor = made(str(model))
    done = []
    for one in photographs:
        raw = network(torch.from_numpy(one.squashed(side).tensor(MEAN, STD)))
        done.append((one, raw.logits, raw.pred_boxes))
    least = round(max(top(logits) for _, logits, _ in done) + 1e-4, 4)
    told = about(str(model), b"", ["transformers", "torch"], least=least, weights="random, seed 0")
    return told, [recorded(*one, processor, least) for one in done]


def made(name: str) -> tuple[Any, int, Any]:
    torch.manual_seed(0)
    rt = transformers.RTDetrImageProcessor()
    build, side, processor = {
        "rt-detr": (rt_detr, 640, rt),
        "d-fine": (d_fine, 640, rt),
        "rf-detr": (rf_detr, 560, transformers.RfDetrImageProcessor()),
    }[name]
    return build().eval().requires_grad_(requires_grad=False), side, processor


def rt_detr() -> Any:
    return transformers.RTDetrForObjectDetection(transformers.RTDetrConfig(num_labels=80))


def d_fine() -> Any:
    return transformers.DFineForObjectDetection(transformers.DFineConfig(num_labels=80))


def rf_detr() -> Any:
    return transformers.RfDetrForObjectDetection(transformers.RfDetrConfig(num_labels=91))


def top(logits: Any) -> float:
    """Return the least probability among the `KEPT` best pairs."""
    return float(logits.sigmoid().flatten().topk(KEPT).values[-1])


def recorded(one: Photograph, logits: Any, boxes: Any, processor: Any, least: float) -> Recorded:
    width, height = one.frame
    raw = SimpleNamespace(logits=logits, pred_boxes=boxes)
    seen = processor.post_process_object_detection(raw, least, [(height, width)])[0]
    found = rows(seen["scores"], seen["labels"], seen["boxes"])
    outputs = {"logits": thinned(logits.numpy()), "boxes": boxes.numpy()}
    return Recorded(one.name, one.frame, outputs, found)


def thinned(logits: Floats) -> Floats:
    """Overwrite all but the best pairs with a logit that no threshold lets pass."""
    least = np.sort(logits.ravel())[-2 * KEPT]
    return np.where(logits >= least, logits, -30).astype(np.float32)
