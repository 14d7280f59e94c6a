"""YOLO11n (suppressed outside) and YOLO26n (inside). Found by Ultralytics' own code.

pip install ultralytics onnxruntime torch torchvision

The package and the weights are under AGPL-3.0: nothing of either is kept but numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from ultralytics.utils.nms import non_max_suppression
from ultralytics.utils.ops import scale_boxes

from record_outputs.photographs import Photograph
from record_outputs.recording import Floats, Recorded, about, rows
from record_outputs.torch_ import torch

SIDE, LEAST, IOU = 640, 0.05, 0.7


def record(model: Path, photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Recorded]]:
    session = onnxruntime.InferenceSession(model)
    done = []
    for one in photographs:
        tensor = one.letterboxed(SIDE, centred=True).tensor()
        raw = session.run(None, {session.get_inputs()[0].name: tensor})[0]
        done.append(Recorded(one.name, one.frame, {"": thinned(raw)}, found(raw, one)))
    return about(model.stem, model.read_bytes(), ["ultralytics", "torch"], least=LEAST), done


def found(raw: Floats, photograph: Photograph) -> Floats:
    seen = non_max_suppression(torch.from_numpy(raw.copy()), LEAST, IOU)[0]
    width, height = photograph.frame
    boxes = scale_boxes((SIDE, SIDE), seen[:, :4].clone(), (height, width))
    return rows(seen[:, 4], seen[:, 5], boxes)


def thinned(raw: Floats) -> Floats:
    if raw.shape[2] == 6:
        return np.where(raw[..., 4:5] > LEAST / 2, raw, 0).astype(np.float32)
    kept = np.where(raw[:, 4:].max(axis=1, keepdims=True) > LEAST / 2, raw, 0)
    kept[:, 4:][kept[:, 4:] < 0.01] = 0
    return np.asarray(kept, np.float32)
