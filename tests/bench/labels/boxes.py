"""Boxes of many photographs, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """What somebody says is in the photographs.

    Attributes:
        image: `(N,)` ids of photographs.
        category: `(N,)` category ids.
        xyxy: `(N, 4)` corners in pixels of the photograph.
        score: `(N,)`.
    """

    image: Integers
    category: Integers
    xyxy: Floats
    score: Floats

    def __len__(self) -> int:
        return len(self.score)

    @property
    def area(self) -> Floats:
        """`(N,)` in square pixels."""
        return np.asarray((self.xyxy[:, 2:] - self.xyxy[:, :2]).prod(axis=1))


def joined(parts: Sequence[Boxes]) -> Boxes:
    """Put one after the other."""
    if not parts:
        nothing = np.empty(0, np.int64)
        return Boxes(nothing, nothing, np.empty((0, 4)), np.empty(0))
    return Boxes(
        np.concatenate([part.image for part in parts]),
        np.concatenate([part.category for part in parts]),
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.score for part in parts]),
    )
