"""Proposes a dissolve: one picture turning into another everywhere at once.

In a dissolve every cell has gone the same share of its way at the same time. What moves cannot do
that: its cells change one after another, and whoever enters or leaves is here or there, not half.
"""

from __future__ import annotations

import math

import numpy as np

from gleancam.selectors.history import History
from gleancam.selectors.luma import (
    CHANGED_CELL,
    changed_share,
    difference,
    exposure_matched,
    is_blank,
)
from gleancam.selectors.proposal import Kind, Proposal
from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array

_LAGS = (12, 24, 40, 60)
"""Thumbnails between the two pictures that are compared; a dissolve is at most 3/4 of one."""
_EVERY = 4
"""Thumbnails between two looks: the old and the new picture both stay for longer."""
_LONGEST_NS = 2_500_000_000
"""Longer than any dissolve. In more time than that everything moves."""
_CHANGED = 0.2
"""Share of cells that must differ once the exposure is matched."""
_IN_STEP = 0.65
"""Share of changed cells that must go along, averaged over the middle of the way."""
_ALONG = 0.2
"""How far a cell may be ahead or behind, as a share of its way."""
_MIDDLE = (0.25, 0.75)
_LEAST_MIDDLE = 3
_AT_END = 0.1
_PLATEAU = 1 / 8
_LEAST_STILL = 3
"""Share of the lag, and thumbnails, for which each picture must stand still."""


class DissolveProposer:
    """Compares the latest thumbnail with some earlier ones, and all between with both."""

    def __init__(self) -> None:
        self._history = History(max(_LAGS) + 1)
        self._count = 0

    def propose(self, thumbnail: Thumbnail) -> Proposal | None:
        """Look at the next thumbnail."""
        if is_blank(thumbnail.luma):
            self._history.clear()
            return None
        self._history.append(thumbnail)
        self._count += 1
        if self._count % _EVERY:
            return None
        for lag in _LAGS:
            if lag < len(self._history) and (found := self._look(lag)):
                return found
        return None

    def _look(self, lag: int) -> Proposal | None:
        oldest, latest = self._history.at(lag), self._history.at(0)
        if latest.mono_ns - oldest.mono_ns > _LONGEST_NS or not _differ(oldest, latest):
            return None
        way = _way(self._history.rows(lag + 1))
        if way is None or not _stands_at_both_ends(way):
            return None
        moving = np.flatnonzero((way > _AT_END / 2) & (way < 1 - _AT_END / 2))
        first, last = lag - int(moving[0]), lag - int(moving[-1])
        return Proposal(
            Kind.GRADUAL,
            before=self._history.at(first + 1),
            start=self._history.at(first),
            end=self._history.at(last),
            difference=difference(oldest.luma, latest.luma),
            structural=False,
        )


def _differ(oldest: Thumbnail, latest: Thumbnail) -> bool:
    ends = exposure_matched(
        np.stack([oldest.luma.ravel(), latest.luma.ravel()]), oldest.luma.ravel()
    )
    return changed_share(ends[0], ends[1]) >= _CHANGED


def _way(rows: Float32Array) -> Float32Array | None:
    """How far each picture has gone from the first to the last, if all cells go in step.

    Args:
        rows: `(N, P)` float32, thumbnails in order.

    Returns:
        `(N,)` float32, 0 at the first and 1 at the last; None when this is no dissolve.
    """
    moved = exposure_matched(rows, rows[0]) - rows[0]
    changed = np.abs(moved[-1]) > CHANGED_CELL
    shares = moved[:, changed] / moved[-1, changed]
    way = np.asarray(np.median(shares, axis=1), dtype=np.float32)
    middle = (way > _MIDDLE[0]) & (way < _MIDDLE[1])
    if middle.sum() < _LEAST_MIDDLE:
        return None
    along = np.abs(shares[middle] - way[middle, None]) < _ALONG
    return way if float(along.mean()) >= _IN_STEP else None


def _stands_at_both_ends(way: Float32Array) -> bool:
    still = max(_LEAST_STILL, math.ceil(len(way) * _PLATEAU))
    return bool(way[:still].max() <= _AT_END and way[-still:].min() >= 1 - _AT_END)
