"""Finds gradual changes: one picture turning into another everywhere at once.

In a dissolve every picture is a mixture of those at its two ends, and in a fade of one of them and
nothing. What moves, a camera that is turned, whoever enters or leaves, shows in between what is at
neither end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam.selectors.luma import changed_share, difference, exposure_matched, is_featureless
from gleancam.selectors.mixture import Way, by_parts, ends, in_step, mixed
from gleancam.selectors.place import SURELY_ANOTHER, differ
from gleancam.selectors.proposal import Kind, Moment, Proposal
from gleancam.selectors.relit import is_relit
from gleancam_engines.planes import Float32Array

_LEAST = 10
"""Pictures that a stretch must have."""
_LEAST_UNDER_WAY = 3
_REST_NS = 250_000_000
_REST = 0.25
"""Least time, and share of the stretch, for which both pictures must stand."""
_BACK = 0.3
"""How far a transition may seem to go back: what moves in it makes it uneven."""
_LEAP = 0.5
"""More of the way than this in one step is a cut."""
_MIXED = 0.5
"""Least agreement of another place; shots full of motion are mixed by 0.6 and more."""
_BY_PARTS = 0.6
"""The same of a wipe."""
_ALL = 0.7
"""Share of cells that must change if they do so in turn: a truck that parks changes fewer."""
_IN_STEP = 0.65
"""Least agreement of one place turning into itself at another time."""
_LONGEST_IN_STEP_NS = 2_600_000_000
"""In more time than that everything moves a little."""
_CHANGED = 0.2
"""Share of cells that must differ then, exposure apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """N pictures in a row.

    Attributes:
        moments: when they were taken.
        rows: `(N, P)`, luma in 0…255.
        distance: cosine distance of the embeddings at its ends.
    """

    moments: list[Moment]
    rows: Float32Array
    distance: float

    def ways(self) -> list[tuple[Way, float]]:
        """In which ways the first picture may be turning into the last; mostly none.

        With each the least cosine distance that makes it a change of scene.
        One that has just begun counts, so that its end is not missed.
        """
        if len(self.rows) < _LEAST:
            return []
        old, new = ends(self.rows)
        if is_featureless(old) or is_featureless(new):
            return []
        ways: list[tuple[Way | None, float]] = []
        if self.distance >= SURELY_ANOTHER and differ(old, new):
            parts = _enough(by_parts(self.rows), _BY_PARTS)
            if parts is None or changed_share(old, new) >= _ALL:
                ways.append((_enough(mixed(self.rows), _MIXED), SURELY_ANOTHER))
                ways.append((parts, SURELY_ANOTHER))
        lasts_ns = self.moments[-1].mono_ns - self.moments[0].mono_ns
        if lasts_ns <= _LONGEST_IN_STEP_NS and _differ_in_part(old, new):
            ways.append((_enough(in_step(self.rows), _IN_STEP), 0.0))
        return [(way, least) for way, least in ways if way is not None]

    def proposal(self, way: Way, least_distance: float) -> Proposal | None:
        """Date the change, if it lies within the stretch."""
        under_way = way.under_way()
        if len(under_way) < _LEAST_UNDER_WAY or not _is_steady(way.gone):
            return None
        if not self._stands_at_both_ends(under_way[0], under_way[-1]):
            return None
        first, last = _extent(way.gone, under_way[0], under_way[-1])
        moments, change = self.moments, difference(*ends(self.rows))
        before, start, end = moments[first - 1], moments[first], moments[last]
        return Proposal(Kind.GRADUAL, before, start, end, change, None, least_distance)

    def _stands_at_both_ends(self, first: int, last: int) -> bool:
        times_ns = [self.moments[at].mono_ns for at in (0, first, last, -1)]
        rest_ns = max(_REST_NS, _REST * (times_ns[3] - times_ns[0]))
        return times_ns[1] - times_ns[0] >= rest_ns and times_ns[3] - times_ns[2] >= rest_ns


def _enough(way: Way, agreement: float) -> Way | None:
    return way if way.agreement >= agreement else None


def _differ_in_part(old: Float32Array, new: Float32Array) -> bool:
    matched = exposure_matched(new[np.newaxis], old)[0]
    return changed_share(matched, old) >= _CHANGED and not is_relit(old, new)


def _is_steady(gone: Float32Array) -> bool:
    back = float((np.maximum.accumulate(gone) - gone).max())
    return back <= _BACK and float(np.diff(gone).max()) <= _LEAP


def _extent(gone: Float32Array, first: int, last: int) -> tuple[int, int]:
    """First and last picture that is mixed, by drawing the middle of the way out to its ends."""
    slope = (gone[last] - gone[first]) / (last - first)
    if slope > 0:
        start = np.ceil(first - gone[first] / slope + 0.01)
        end = np.floor(last + (1 - gone[last]) / slope - 0.01)
        first, last = min(int(start), first), max(int(end), last)
    return max(first, 1), min(last, len(gone) - 1)
