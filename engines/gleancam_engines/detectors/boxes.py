"""Steps that output layouts share: corners from centres; clip, drop, sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.detections import Detections
from gleancam_engines.manifest import Manifest
from gleancam_engines.planes import Float32Array, Planes

_FAR = np.float32(2**20)
"""Many times the largest input: farther out, the sums that follow could overflow."""


def bounded(numbers: Float32Array) -> Float32Array:
    """Return coordinates with those far outside of any picture drawn nearer."""
    return np.clip(numbers, -_FAR, _FAR)


def corners(centred: Float32Array) -> Float32Array:
    """Return `(N, 4)` corners (x1, y1, x2, y2) of boxes (centre x, centre y, width, height)."""
    near = bounded(centred)
    centre, half = near[:, :2], near[:, 2:] / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def in_frame(
    xyxy: Float32Array,
    score: Float32Array,
    class_id: npt.NDArray[np.int32],
    planes: Planes,
    manifest: Manifest,
) -> Detections:
    """Return boxes given in pixels of the frame as detections of this model.

    Boxes are clipped to the frame, those with nothing left are dropped, and the best comes first.
    """
    limit = np.array([planes.width, planes.height] * 2, np.float32)
    clipped = np.clip(xyxy, 0, limit)
    alive = np.flatnonzero((clipped[:, 2:] > clipped[:, :2]).all(axis=1))
    order = alive[np.argsort(-score[alive], kind="stable")]
    return Detections(
        xyxy=np.ascontiguousarray(clipped[order], np.float32),
        score=np.clip(score[order], 0, 1).astype(np.float32),
        class_id=class_id[order].astype(np.int32),
        class_names=manifest.class_names,
        model_id=manifest.model_id,
    )
