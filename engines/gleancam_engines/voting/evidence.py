"""What one member of the committee said about one frame, at the precision it is sent in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.detections import Detections

DECIMALS = 4
"""Of boxes and scores on the wire. Votes are taken on rounded numbers, so that whoever votes again
on what was sent comes to the same answer."""

Status: TypeAlias = Literal["ok", "skipped", "timeout", "failed"]
"""Of a member on one frame: `skipped` by the router, the others by accident."""

Float64Array: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Raw boxes of one member on one frame.

    Attributes:
        member_id: `name@sha256[:12]`, with `+hflip` and the like for a test-time variant.
        vocabulary: every class the member can emit, by class id.
        xyxy: `(N, 4)` float64, corners (x1, y1, x2, y2) as shares of the frame, 1e-4 apart.
        score: `(N,)` float64, 1e-4 apart.
        class_id: `(N,)` int32, an index into `vocabulary`.
        status: a member that is not `ok` has no boxes.

    Values are not checked here: a vote drops what is no box and counts it.

    Raises:
        ValueError: an array has another shape or dtype, or a class number stands for nothing.
    """

    member_id: str
    vocabulary: tuple[str, ...]
    xyxy: Float64Array
    score: Float64Array
    class_id: npt.NDArray[np.int32]
    status: Status = "ok"

    def __post_init__(self) -> None:
        count = len(self.score)
        for name, array, shape, dtype in (
            ("xyxy", self.xyxy, (count, 4), np.float64),
            ("score", self.score, (count,), np.float64),
            ("class_id", self.class_id, (count,), np.int32),
        ):
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(
                    f"{name} must be {shape} {np.dtype(dtype)}, but got {array.shape} {array.dtype}"
                )
        if count and not 0 <= self.class_id.min() <= self.class_id.max() < len(self.vocabulary):
            raise ValueError(f"class_id must lie in 0…{len(self.vocabulary) - 1}")
        if count and self.status != "ok":
            raise ValueError(f"a member whose status is {self.status!r} has no boxes")

    def __len__(self) -> int:
        return len(self.score)


def evidence_of(
    detections: Detections, width: int, height: int, member_id: str | None = None
) -> Evidence:
    """Return what a model saw in a `width` by `height` frame, clipped to it and rounded.

    `member_id` is that of the variant that saw it; without, the model's own.
    """
    shares = detections.xyxy.astype(np.float64) / (width, height, width, height)
    return Evidence(
        member_id or detections.model_id,
        detections.class_names,
        np.round(shares.clip(0, 1), DECIMALS),
        np.asarray(np.round(detections.score.astype(np.float64), DECIMALS), np.float64),
        detections.class_id,
    )


def silent(member_id: str, vocabulary: tuple[str, ...], status: Status) -> Evidence:
    """Return the evidence of a member that saw nothing, or that could not look."""
    return Evidence(
        member_id,
        vocabulary,
        np.empty((0, 4)),
        np.empty(0),
        np.empty(0, np.int32),
        status,
    )
