"""Who could vote on each class in this frame, and who should have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gleancam_engines.voting.evidence import Float64Array, Status
from gleancam_engines.voting.pairs import IndexArray, Mask
from gleancam_engines.voting.seats import Seats


@dataclass(frozen=True, slots=True, eq=False)
class Turnout:
    """Counts and weights by class.

    Attributes:
        could: `(M, C)` members that looked and can name the class.
        eligible: `(C,)` how many could.
        configured: `(C,)` how many should have; those that were skipped should not.
        weight: `(C,)` of all who could together.
        heaviest: `(C,)` the largest weight of those who could.
        incomplete: a member timed out or failed.
    """

    could: Mask
    eligible: IndexArray
    configured: IndexArray
    weight: Float64Array
    heaviest: Float64Array
    incomplete: bool


def turnout(seats: Seats, status: Mapping[str, Status]) -> Turnout:
    """Count, from the status of each member; without one it was skipped."""
    statuses = [status.get(one.member_id, "skipped") for one in seats.members]
    looked = np.array([one == "ok" for one in statuses], bool)
    meant = np.array([one != "skipped" for one in statuses], bool)
    could = seats.can_name & looked[:, np.newaxis]
    weights = could * seats.weight[:, np.newaxis]
    return Turnout(
        could=could,
        eligible=could.sum(axis=0),
        configured=(seats.can_name & meant[:, np.newaxis]).sum(axis=0),
        weight=weights.sum(axis=0),
        heaviest=weights.max(axis=0, initial=0.0),
        incomplete=bool((meant & ~looked).any()),
    )
