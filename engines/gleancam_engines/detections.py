"""What one detector saw in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of one model on one frame, best score first.

    Attributes:
        xyxy: `(N, 4)` float32, corners (x1, y1, x2, y2) in pixels of the source frame.
        score: `(N,)` float32 in 0…1.
        class_id: `(N,)` int32, an index into `class_names`.
        class_names: the model's own vocabulary.
        model_id: which model, as `name@sha256[:12]`.

    Raises:
        ValueError: an array has another shape or dtype, or holds what it must not.
    """

    xyxy: Float32Array
    score: Float32Array
    class_id: npt.NDArray[np.int32]
    class_names: tuple[str, ...]
    model_id: str

    def __post_init__(self) -> None:
        count = len(self.score)
        for name, array, shape, dtype in (
            ("xyxy", self.xyxy, (count, 4), np.float32),
            ("score", self.score, (count,), np.float32),
            ("class_id", self.class_id, (count,), np.int32),
        ):
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(
                    f"{name} must be {shape} {np.dtype(dtype)}, but got {array.shape} {array.dtype}"
                )
        if not np.isfinite(self.xyxy).all():
            raise ValueError("xyxy must be finite")
        if not ((self.score >= 0) & (self.score <= 1)).all():
            raise ValueError("score must lie in 0…1")
        if count and not 0 <= int(self.class_id.min()) <= int(self.class_id.max()) < len(
            self.class_names
        ):
            raise ValueError(f"class_id must lie in 0…{len(self.class_names) - 1}")

    def __len__(self) -> int:
        return len(self.score)
