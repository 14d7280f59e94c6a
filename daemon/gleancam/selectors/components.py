"""Connected parts of a small grid of yes and no."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BoolGrid = npt.NDArray[np.bool_]
IntGrid = npt.NDArray[np.int64]


def components(grid: BoolGrid) -> IntGrid:
    """Number the 8-connected parts of a grid; 0 where it is False.

    Every cell takes the greatest number among its neighbours until nothing changes: as many steps
    over the whole array as the longest way within a part.
    """
    labels = np.where(grid, np.arange(1, grid.size + 1).reshape(grid.shape), 0)
    while True:
        spread = np.where(grid, _greatest_near(labels), 0)
        if (spread == labels).all():
            return labels
        labels = spread


def _greatest_near(labels: IntGrid) -> IntGrid:
    """The greatest of each cell and its eight neighbours: along rows, then along columns."""
    padded = np.pad(labels, 1)
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.asarray(np.maximum(np.maximum(rows[:-2], rows[1:-1]), rows[2:]))
