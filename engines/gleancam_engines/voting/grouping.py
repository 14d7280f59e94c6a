"""Which boxes of different members show one object: a seed and at most one box of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.pairs import IndexArray, Mask, Pairs, overlapping_pairs

_NOBODY = np.iinfo(np.intp).max


def grouped(ballots: Ballots, iou: float) -> IndexArray:
    """Return the `(N,)` row of the seed whose group each ballot is in; a seed is in its own.

    The best ballot that is in no group yet is a seed; of every other member, the box of its class
    with the highest overlap with it, if above `iou`, joins, if that is in no group yet (equal
    overlaps: the better ballot).
    """
    return grouped_among(ballots, overlapping_pairs(ballots.xyxy, ballots.class_number, iou))


def grouped_among(ballots: Ballots, pairs: Pairs) -> IndexArray:
    """Return the same, given all pairs of a class that overlap enough.

    Seeds are not taken one after the other: what a seed takes depends on better ballots at most
    two overlaps away, so all ballots that are the best within two overlaps are seeds at once.
    """
    pairs = pairs.where(ballots.member[pairs.first] != ballots.member[pairs.second])
    links = _links(pairs.first, pairs.second, pairs.iou, ballots.member)
    seed = np.full(len(ballots), _NOBODY, np.intp)
    while (waiting := np.flatnonzero(seed == _NOBODY)).size:
        links = links.between(seed == _NOBODY)
        ready = _best_around(links, _best_around(links, np.arange(len(ballots))))
        seeds = waiting[ready[waiting] == waiting]
        seed[seeds] = seeds
        one, other = links.chosen(seed == np.arange(len(ballots)))
        seed[other] = one
    return seed


@dataclass(frozen=True, slots=True, eq=False)
class _Links:
    """Overlaps seen from both sides, ordered by `one`, then `member`, then falling overlap."""

    one: IndexArray
    other: IndexArray
    member: IndexArray

    def between(self, open_: Mask) -> _Links:
        """Keep links whose ends are both in no group."""
        keep = open_[self.one] & open_[self.other]
        return _Links(self.one[keep], self.other[keep], self.member[keep])

    def chosen(self, seeds: Mask) -> tuple[IndexArray, IndexArray]:
        """Return seeds and what each takes: its first link to every member."""
        here = np.flatnonzero(seeds[self.one])
        one, member = self.one[here], self.member[here]
        first = np.ones(len(here), bool)
        first[1:] = (one[1:] != one[:-1]) | (member[1:] != member[:-1])
        return one[first], self.other[here[first]]


def _links(
    first: IndexArray, second: IndexArray, iou: npt.NDArray[np.float64], member: IndexArray
) -> _Links:
    one, other = np.concatenate([first, second]), np.concatenate([second, first])
    whose = member[other]
    place = one * (int(member.max(initial=0)) + 1) + whose
    order = np.lexsort((other, -np.concatenate([iou, iou]), place))
    return _Links(one[order], other[order], whose[order])


def _best_around(links: _Links, best: IndexArray) -> IndexArray:
    """Return for each row the least `best` of itself and of those it is linked to."""
    around: IndexArray = best.copy()
    np.minimum.at(around, links.one, best[links.other])
    return around
