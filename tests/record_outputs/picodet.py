"""PicoDet 416. Found from the heads, before the model's own suppression, by OpenCV.

pip install opencv-python-headless onnx onnxruntime

The model is told a scale of 1, so that its boxes are those of its input; they are brought to the
photograph here, by the two factors of a plain resize.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime

from record_outputs.photographs import Fitted, Photograph
from record_outputs.recording import Floats, Recorded, about, rows

SIDE, LEAST, IOU = 416, 0.12, 0.6
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def record(model: Path, photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Recorded]]:
    session = onnxruntime.InferenceSession(model)
    heads = onnxruntime.InferenceSession(with_heads(model))
    done = []
    for one in photographs:
        fitted = one.squashed(SIDE)
        across, down = fitted.scale
        feed = {
            "image": fitted.tensor(MEAN, STD),
            "scale_factor": np.array([[down, across]], np.float32),
        }
        table = session.run(None, feed)[0]
        boxes, scores = heads.run(None, {**feed, "scale_factor": np.ones((1, 2), np.float32)})
        seen = found(boxes[0], scores[0], fitted, one)
        count = np.array([len(table)], np.float32)
        done.append(Recorded(one.name, one.frame, {"": table, "count": count}, seen))
    by = ["opencv-python-headless", "onnxruntime"]
    return about("picodet-416", model.read_bytes(), by, least=LEAST), done


def with_heads(model: Path) -> bytes:
    """Return the model ending where its suppression begins: boxes, then scores."""
    loaded = onnx.load(model)
    nms = next(node for node in loaded.graph.node if node.op_type == "NonMaxSuppression")
    del loaded.graph.output[:]
    for name in nms.input[:2]:
        loaded.graph.output.append(onnx.ValueInfoProto(name=name))
    return bytes(loaded.SerializeToString())


def found(boxes: Floats, scores: Floats, fitted: Fitted, photograph: Photograph) -> Floats:
    """Suppress `(A, 4)` boxes by `(C, A)` scores, then bring what is left to the photograph."""
    best = scores.ravel()
    number, anchor = np.divmod(np.arange(best.size), scores.shape[1])
    sized = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)[anchor]
    sure = np.flatnonzero(best > LEAST)
    kept = cv2.dnn.NMSBoxesBatched(
        sized[sure].tolist(), best[sure].tolist(), number[sure].tolist(), LEAST, IOU
    )
    chosen = sure[np.reshape(kept, -1).astype(int)]
    placed = boxes[anchor[chosen]] / np.array(fitted.scale * 2, np.float32)
    limit = np.array(photograph.frame * 2, np.float32)
    return rows(best[chosen], number[chosen], np.clip(placed, 0, limit))
