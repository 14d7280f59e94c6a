"""The last steps every output layout shares: undo the placement, clip, drop, sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.detections import Detections
from gleancam_engines.manifest import Manifest
from gleancam_engines.planes import Float32Array, Planes


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
