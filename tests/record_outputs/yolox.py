"""YOLOX-nano. Found by libreyolo's grid, its thresholds, and OpenCV's suppression.

pip install libreyolo opencv-python-headless onnxruntime torch torchvision
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from libreyolo.postprocess.yolox import postprocess

from record_outputs.photographs import Fitted, Photograph
from record_outputs.recording import Floats, Recorded, about, rows
from record_outputs.torch_ import torch

SIDE, STRIDES, LEAST, IOU = 416, (8, 16, 32), 0.05, 0.6


def record(model: Path, photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Recorded]]:
    session = onnxruntime.InferenceSession(model)
    done = []
    for one in photographs:
        fitted = one.letterboxed(SIDE, centred=False)
        bgr = np.ascontiguousarray(fitted.tensor(std=(1, 1, 1))[:, ::-1])
        raw = session.run(None, {session.get_inputs()[0].name: bgr})[0]
        done.append(Recorded(one.name, one.frame, {"": thinned(raw)}, found(raw, fitted, one)))
    by = ["libreyolo", "opencv-python-headless", "torch"]
    return about("yolox-nano", model.read_bytes(), by, least=LEAST), done


def found(raw: Floats, fitted: Fitted, photograph: Photograph) -> Floats:
    seen = postprocess(
        levels(raw),
        conf_thres=LEAST,
        iou_thres=IOU,
        input_size=SIDE,
        original_size=photograph.frame,
        ratio=torch.tensor(fitted.scale * 2, dtype=torch.float32),
    )
    return rows(seen["scores"], seen["classes"], seen["boxes"])


def levels(raw: Floats) -> list[Any]:
    """Cut the rows into the three grids `(1, 85, rows, columns)` they came from."""
    sides = [SIDE // stride for stride in STRIDES]
    parts = np.split(raw[0], np.cumsum([side**2 for side in sides])[:-1])
    grids = [part.T.reshape(1, -1, side, side) for part, side in zip(parts, sides, strict=True)]
    return [torch.from_numpy(grid.copy()) for grid in grids]


def thinned(raw: Floats) -> Floats:
    score = raw[..., 4] * raw[..., 5:].max(axis=-1)
    kept = np.where((score > LEAST / 2)[..., np.newaxis], raw, 0)
    kept[..., 5:][kept[..., 5:] < 0.01] = 0
    return np.asarray(kept, np.float32)


def batched_nms(boxes: Any, scores: Any, numbers: Any, iou: float) -> Any:
    """What torchvision's function of that name gives, by OpenCV."""
    x1, y1, x2, y2 = boxes.double().T
    sized = torch.stack([x1, y1, x2 - x1, y2 - y1], 1).tolist()
    kept = cv2.dnn.NMSBoxesBatched(sized, scores.tolist(), numbers.tolist(), 0.0, iou)
    return torch.tensor(np.reshape(kept, -1).astype(np.int64))


importlib.import_module("torchvision").ops.batched_nms = batched_nms
