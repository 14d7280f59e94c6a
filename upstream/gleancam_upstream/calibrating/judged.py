"""Labels that were held against the truth, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """N labels.

    Attributes:
        class_name: `(N,)` of str.
        score: `(N,)` float64, 0…1, fused and not calibrated.
        right: `(N,)` bool.
        image: `(N,)` number of the image, in order of capture.
        scene: `(N,)` number of the scene; neighbouring images are of one scene.

    Raises:
        ValueError: columns differ in length, or a score is outside 0…1.
    """

    class_name: npt.NDArray[np.str_]
    score: Float64Array
    right: BoolArray
    image: IndexArray
    scene: IndexArray

    def __post_init__(self) -> None:
        columns = (self.class_name, self.right, self.image, self.scene)
        if any(one.shape != self.score.shape for one in columns) or self.score.ndim != 1:
            raise ValueError("columns of judged labels must be of one length")
        if not ((self.score >= 0) & (self.score <= 1)).all():  # NaN is neither
            raise ValueError("scores of judged labels must lie in 0…1")

    def __len__(self) -> int:
        return len(self.score)

    @property
    def both_kinds(self) -> bool:
        """Whether there are right and wrong ones: without, there is nothing to learn from."""
        return bool(self.right.any() and not self.right.all())

    def where(self, mask: BoolArray) -> Judged:
        """Return those that a `(N,)` mask holds."""
        return Judged(
            self.class_name[mask],
            self.score[mask],
            self.right[mask],
            self.image[mask],
            self.scene[mask],
        )


def together(parts: Sequence[Judged]) -> Judged:
    """Return all labels of several; none of none."""
    if not parts:
        nothing = np.empty(0, np.intp)
        return Judged(np.empty(0, np.str_), np.empty(0), np.empty(0, np.bool_), nothing, nothing)
    return Judged(
        np.concatenate([one.class_name for one in parts]),
        np.concatenate([one.score for one in parts]),
        np.concatenate([one.right for one in parts]),
        np.concatenate([one.image for one in parts]),
        np.concatenate([one.scene for one in parts]),
    )
