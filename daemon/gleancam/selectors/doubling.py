"""Which centres merge into which when the radius has grown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from gleancam.selectors.vectors import VectorTable

_BLOCK = 256
"""Rows compared at once: a few megabytes."""


def mergers(
    table: VectorTable, order: npt.NDArray[np.intp], radius: float
) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Greedily choose rows in `order`; each takes in all later ones nearer than `radius`.

    Yields:
        A row that stays, and those that merge into it, `(n,)`.
    """
    while order.size:
        block = order[:_BLOCK]
        near = table.all_distances(table.vectors(block))[:, order] < radius
        left = np.ones(order.size, np.bool_)
        for at, stays in enumerate(block.tolist()):
            if left[at]:
                left[at] = False
                goes = near[at] & left
                left &= ~goes
                yield stays, order[goes]
        order = order[left]
