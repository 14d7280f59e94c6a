"""Non-maximum suppression: of overlapping boxes of one class, the best stays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

LIMIT = 1000
"""At most this many boxes enter, best first: the overlaps of all pairs are held at once."""


def pairwise_iou(one: Float32Array, other: Float32Array) -> Float32Array:
    """Return `(N, M)` float32 intersection over union of `(N, 4)` and `(M, 4)` corners.

    Continuous coordinates: a box from 0 to 2 is 2 wide. Empty boxes overlap nothing.
    """
    low = np.maximum(one[:, np.newaxis, :2], other[np.newaxis, :, :2])
    high = np.minimum(one[:, np.newaxis, 2:], other[np.newaxis, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    union = _area(one)[:, np.newaxis] + _area(other)[np.newaxis] - common
    iou: Float32Array = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return iou


def suppress(
    xyxy: Float32Array, score: Float32Array, class_id: npt.NDArray[np.int32], iou: float
) -> npt.NDArray[np.intp]:
    """Return the indices that survive greedy suppression within each class, best score first.

    Equal scores keep the order they came in. Greedy suppression keeps a box unless a *kept* better
    box of its class overlaps it by more than `iou`. That rule is applied to all boxes at once
    until nothing changes, which ends in the greedy answer (Cluster-NMS, Zheng et al. 2020,
    arXiv:2005.03572): after step k the k best boxes are decided for good.

    Args:
        xyxy: `(N, 4)` float32 corners.
        score: `(N,)` float32.
        class_id: `(N,)` int32.
        iou: 0…1.
    """
    order = np.argsort(-score, kind="stable")[:LIMIT]
    boxes, classes = xyxy[order], class_id[order]
    same_class = classes[:, np.newaxis] == classes[np.newaxis]
    beats = np.triu(same_class & (pairwise_iou(boxes, boxes) > iou), 1)
    keep = np.ones(len(order), bool)
    while not np.array_equal(after := ~beats[keep].any(axis=0), keep):
        keep = after
    return order[keep]


def _area(xyxy: Float32Array) -> Float32Array:
    return np.asarray(np.prod(np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None), axis=1))
