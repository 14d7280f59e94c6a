"""How pictures in a row turn from the first into the last; rows are `(N, P)` luma in 0…255.

Three readings of the same: `mixed` and `by_parts` for one place turning into another, where what
moves must not matter, and `in_step` for one place turning into itself at another time, where most
cells are alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gleancam.mask import BoolArray
from gleancam.selectors.luma import CHANGED_CELL, exposure_matched
from gleancam_engines.planes import Float32Array

_ENDS = 3
_NOISE = 4.0
"""Variance in squared grey levels that is not asked to be explained."""
_UNDER_WAY = (0.15, 0.85)
_MIDDLE = (0.25, 0.75)
_ALONG = 0.2
"""How far a cell may be ahead or behind, as a share of its way."""


class Way(NamedTuple):
    """How far each of N pictures has gone.

    Attributes:
        gone: `(N,)`, 0 at the first and 1 at the last.
        agreement: share of what is seen under way that this explains, 0…1.
    """

    gone: Float32Array
    agreement: float

    def under_way(self) -> list[int]:
        """Which pictures are neither the first nor the last."""
        return [int(at) for at in np.flatnonzero(_between(self.gone, _UNDER_WAY))]


def ends(rows: Float32Array) -> Float32Array:
    """Average the first and the last few: `(2, P)`."""
    return np.stack([rows[:_ENDS].mean(axis=0), rows[-_ENDS:].mean(axis=0)])


def mixed(rows: Float32Array) -> Way:
    """Least squares of each picture on both ends and a constant.

    Where neither end shows, as in the middle of a fade through black, half the way is gone.
    """
    both = _centred(ends(rows))
    pictures = _centred(rows)
    shares = pictures @ np.asarray(np.linalg.pinv(both), np.float32)
    gone = np.asarray((1 - shares[:, 0] + shares[:, 1]) / 2, np.float32)
    under_way = _between(gone, _UNDER_WAY)
    if not under_way.any():
        return Way(gone, 0.0)
    left = (pictures - shares @ both)[under_way].var(axis=1)
    there = pictures[under_way].var(axis=1)
    unexplained = np.maximum(left - _NOISE, 0) / np.maximum(there, _NOISE)
    return Way(gone, 1 - float(np.median(unexplained)))


def in_step(rows: Float32Array) -> Way:
    """Median over the cells that change, exposure apart; the agreement is how many go along.

    What moves does not go along: its cells change one after another, and whoever enters or leaves
    is here or there, not half.
    """
    moved = exposure_matched(rows, rows[0]) - rows[0]
    last = np.median(moved[-_ENDS:], axis=0)
    changed = np.abs(last) > CHANGED_CELL
    if not changed.any():
        return Way(np.zeros(len(rows), np.float32), 0.0)
    shares = moved[:, changed] / last[changed]
    gone = np.asarray(np.median(shares, axis=1), np.float32)
    middle = _between(gone, _MIDDLE)
    along = np.abs(shares[middle] - gone[middle, None]) < _ALONG
    return Way(gone, float(along.mean()) if middle.any() else 0.0)


def by_parts(rows: Float32Array) -> Way:
    """Share of the cells that are nearer the last; the agreement is how many show either end.

    So it is in a wipe.
    """
    old, new = ends(rows)
    changed = np.abs(new - old) > CHANGED_CELL
    if not changed.any():
        return Way(np.zeros(len(rows), np.float32), 0.0)
    shares = (rows[:, changed] - old[changed]) / (new - old)[changed]
    gone = np.asarray((shares > 1 / 2).mean(axis=1), np.float32)
    middle = _between(gone, _MIDDLE)
    either = np.minimum(np.abs(shares[middle]), np.abs(1 - shares[middle])) < _ALONG
    return Way(gone, float(either.mean()) if middle.any() else 0.0)


def _between(values: Float32Array, bounds: tuple[float, float]) -> BoolArray:
    return (values > bounds[0]) & (values < bounds[1])


def _centred(rows: Float32Array) -> Float32Array:
    return np.asarray(rows - rows.mean(axis=1, keepdims=True), np.float32)
