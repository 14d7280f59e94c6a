"""Which labels are right: each object is found once, by the best label that lies on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gleancam_upstream.calibrating.judged import BoolArray, Float64Array
from gleancam_upstream.calibrating.truth import Truth

LEAST_IOU = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Of N labels, in their order.

    Attributes:
        right: `(N,)` bool.
        ignored: `(N,)` bool: on a crowd, where nobody can tell; not right then.
    """

    right: BoolArray
    ignored: BoolArray


def match(
    class_names: Sequence[str], xyxy: Float64Array, score: Float64Array, truth: Truth
) -> Matched:
    """Return which labels are right: same class, IoU of 0.5 or more, best score first.

    As the COCO evaluation does (Lin et al., ECCV 2014, and pycocotools): an object that a better
    label took is gone, a label takes the object it overlaps most, and what lies on a crowd and on
    no object is ignored.

    Args:
        class_names: of N labels.
        xyxy: `(N, 4)` float64 corners, shares of the frame.
        score: `(N,)` float64; equal ones keep their order.
        truth: M objects.
    """
    right, ignored = np.zeros((2, len(score)), np.bool_)
    same = np.array(class_names)[:, None] == np.array(truth.class_names)[None]
    overlap = _overlaps(xyxy, truth) * same.reshape(len(score), len(truth.crowd))
    objects, crowds = overlap[:, ~truth.crowd], overlap[:, truth.crowd]
    # Who comes first takes first: that cannot be done for all labels at once.
    for row in np.argsort(-score, kind="stable"):
        best = int(objects[row].argmax()) if objects.shape[1] else -1
        if best >= 0 and objects[row, best] >= LEAST_IOU:
            right[row] = True
            objects[:, best] = 0
    ignored[:] = ~right & (crowds >= LEAST_IOU).any(axis=1)
    return Matched(right, ignored)


def _overlaps(xyxy: Float64Array, truth: Truth) -> Float64Array:
    """Return `(N, M)` IoU; for a crowd, the share of the label that lies in it."""
    low = np.maximum(xyxy[:, None, :2], truth.xyxy[None, :, :2])
    high = np.minimum(xyxy[:, None, 2:], truth.xyxy[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    mine, theirs = _area(xyxy)[:, None], _area(truth.xyxy)[None]
    whole = np.where(truth.crowd[None], mine, mine + theirs - common)
    return np.asarray(np.divide(common, whole, out=np.zeros_like(common), where=whole > 0))


def _area(xyxy: Float64Array) -> Float64Array:
    return np.asarray((xyxy[:, 2:] - xyxy[:, :2]).clip(0, None).prod(axis=1))
