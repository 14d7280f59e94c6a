"""One sample as every format is given it: made once from its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gleancam.wire.sample_data import LabelData

Float64Array = npt.NDArray[np.float64]

PIXEL_DECIMALS = 4
"""Shares come in steps of 1e-4: in pixels of a whole number they have no more decimals."""


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """What is said about one box; None: an older device did not say.

    Attributes:
        informativeness: of this label, 0…1.
        state: where its review stands, `generated` on the device.
    """

    class_name: str
    score: float
    votes: int
    voters: tuple[str, ...]
    eligible: int
    mean_iou: float
    score_max: float | None
    risk: float | None
    bald: float | None
    entropy: float | None
    loc_spread: float | None
    informativeness: float
    degraded_quorum: bool
    class_conflict: bool
    state: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture and its labels.

    Attributes:
        file_name: `<camera>_<sample_id>.jpg`: both are ids without `_`, so no two are equal.
        source: where the JPEG lies in the dataset.
        width: of the JPEG as it was sent, pixels; the camera's frame may have been larger.
        shares: `(N, 4)` float64, corners (x1, y1, x2, y2) as shares of the picture, one a label.
        release: names what labelled it, see `release_of`.
        informativeness: of the whole picture, 0…1; 0 without labels.
        novelty: cosine distance to what had been kept; None where it was not measured.
        facts: how often there is what belongs to the picture, not to a label, by name.
    """

    sample_id: str
    camera: str
    captured: str
    scene: str
    split: str
    file_name: str
    source: Path
    width: int
    height: int
    shares: Float64Array
    labels: tuple[BoxLabel, ...]
    release: str
    informativeness: float
    novelty: float | None
    facts: tuple[tuple[str, int], ...]

    @property
    def stem(self) -> str:
        """The file name without `.jpg`."""
        return self.file_name.removesuffix(".jpg")

    @property
    def size(self) -> Float64Array:
        """`(4,)`: width, height, width, height."""
        return np.array((self.width, self.height, self.width, self.height), np.float64)

    @property
    def corners(self) -> Float64Array:
        """`(N, 4)` corners in pixels, continuous: 0 is the left edge of the first pixel."""
        return np.round(self.shares * self.size, PIXEL_DECIMALS)


def is_box(label: LabelData) -> bool:
    """Whether the corners of a label enclose anything."""
    x1, y1, x2, y2 = label.box
    return x1 < x2 and y1 < y2


def with_extent(corners: Float64Array, decimals: int) -> Float64Array:
    """Return `(N, 4)` corners (x1, y1, x2, y2) as (x1, y1, width, height), rounded."""
    extents = np.hstack((corners[:, :2], corners[:, 2:] - corners[:, :2]))
    rounded: Float64Array = np.round(extents, decimals)
    return rounded


def with_corners(extents: Float64Array) -> Float64Array:
    """Return `(N, 4)` of (x1, y1, width, height) as corners (x1, y1, x2, y2)."""
    return np.hstack((extents[:, :2], extents[:, :2] + extents[:, 2:]))
