"""Boxes that show one object: what the members say of it together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Ballots, each in one of G groups.

    Attributes:
        ballots: N of them; their order is that in which sums are taken.
        of: `(N,)` number of the group, 0…G-1, in the order of the seeds.
        seed: `(G,)` row of the ballot that the group formed around.
        weight: `(M,)` float64 of the members.
    """

    ballots: Ballots
    of: IndexArray
    seed: IndexArray
    weight: Float64Array

    def __len__(self) -> int:
        return len(self.seed)

    @property
    def class_number(self) -> IndexArray:
        """Give the `(G,)` class of each."""
        return self.ballots.class_number[self.seed]

    @property
    def ballot_weight(self) -> Float64Array:
        """Give the `(N,)` weight of the member behind each ballot."""
        return self.weight[self.ballots.member]

    def total(self, of_ballots: Float64Array) -> Float64Array:
        """Sum `(N,)` numbers over each group: `(G,)`."""
        sums: Float64Array = np.bincount(self.of, of_ballots, len(self)).astype(np.float64)
        return sums

    def most(self, of_ballots: Float64Array) -> Float64Array:
        """Return the largest of `(N,)` numbers from 0 up in each group: `(G,)`."""
        largest = np.zeros(len(self))
        np.maximum.at(largest, self.of, of_ballots)
        return largest

    def voted(self) -> Mask:
        """Say who is in each group: `(G, M)`."""
        there = np.zeros((len(self), len(self.weight)), bool)
        there[self.of, self.ballots.member] = True
        return there

    def scores(self) -> Float64Array:
        """Return what each member gives it, in whole steps: `(G, M)`; 0 where it has no box."""
        given = np.zeros((len(self), len(self.weight)))
        np.maximum.at(given, (self.of, self.ballots.member), self.ballots.score)
        return given


def groups_around(ballots: Ballots, seed_of: IndexArray, weight: Float64Array) -> Groups:
    """Number the groups that `(N,)` rows of seeds describe."""
    seeds = np.flatnonzero(seed_of == np.arange(len(seed_of)))
    return Groups(ballots, np.searchsorted(seeds, seed_of), seeds, weight)
