"""From what the members said to ballots: what counts, and how much did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.evidence import Evidence, Float64Array
from gleancam_engines.voting.pairs import IndexArray, runs
from gleancam_engines.voting.seats import UNMAPPED, Seats
from gleancam_engines.voting.steps import FRAME, steps

LIMIT = 1000
"""Of one member and class at most this many boxes count, best first: overlapping ones are compared
pair by pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Ballots in the order of the evidence, and what was left out, as in `Verdict`."""

    ballots: Ballots
    unmapped: dict[tuple[str, str], int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)


def cast(evidence: Sequence[Evidence], seats: Seats, confidence: Float64Array) -> Cast:
    """Make ballots of boxes of canonical classes with at least the `(C,)` confidence in steps.

    Boxes are rounded to whole steps and clipped to the frame. They stay in the order they come in.
    """
    place = seats.place()
    members = [place[one.member_id] for one in evidence]
    numbers = [
        seats.class_numbers[member][one.class_id]
        for member, one in zip(members, evidence, strict=True)
    ]
    raw = Ballots(
        steps(np.concatenate([np.empty((0, 4)), *(one.xyxy for one in evidence)])),
        steps(np.concatenate([np.empty(0), *(one.score for one in evidence)])),
        np.repeat(np.array(members, np.intp), [len(one) for one in evidence]),
        np.concatenate([np.empty(0, np.intp), *numbers]),
    )
    dropped: Counter[str] = Counter()
    valid = _valid(raw.at(raw.class_number != UNMAPPED), dropped)
    sure = valid.at(valid.score >= confidence[valid.class_number])
    counted = _at_most(_clipped(sure, dropped), LIMIT, dropped)
    return Cast(counted, _unmapped(evidence, numbers), dict(dropped))


def _valid(ballots: Ballots, dropped: Counter[str]) -> Ballots:
    finite = np.asarray(np.isfinite(ballots.xyxy).all(axis=1))
    scored = (ballots.score >= 0) & (ballots.score <= FRAME)
    _count(dropped, "not_finite", int((~finite).sum()))
    _count(dropped, "score", int((finite & ~scored).sum()))
    return ballots.at(finite & scored)


def _clipped(ballots: Ballots, dropped: Counter[str]) -> Ballots:
    xyxy = ballots.xyxy.clip(0, FRAME) + 0.0  # and no -0.0
    there = np.asarray((xyxy[:, 2:] > xyxy[:, :2]).all(axis=1))
    _count(dropped, "empty", int((~there).sum()))
    return Ballots(xyxy, ballots.score, ballots.member, ballots.class_number).at(there)


def _at_most(ballots: Ballots, limit: int, dropped: Counter[str]) -> Ballots:
    """Keep the best boxes of each member and class, in the order they are in."""
    if len(ballots) <= limit:
        return ballots
    best_first = ballots.ranking()
    box_of = ballots.member * (int(ballots.class_number.max()) + 1) + ballots.class_number
    together = best_first[np.argsort(box_of[best_first], kind="stable")]
    rank = np.empty(len(ballots), np.intp)
    rank[together] = runs(np.unique(box_of, return_counts=True)[1])
    within = rank < limit
    _count(dropped, "limit", int((~within).sum()))
    return ballots.at(within)


def _unmapped(
    evidence: Sequence[Evidence], numbers: Sequence[IndexArray]
) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for one, number in zip(evidence, numbers, strict=True):
        names, counts = np.unique(one.class_id[number == UNMAPPED], return_counts=True)
        for name, count in zip(names.tolist(), counts.tolist(), strict=True):
            found[one.member_id, one.vocabulary[name]] += count
    return dict(found)


def _count(dropped: Counter[str], reason: str, boxes: int) -> None:
    if boxes:
        dropped[reason] += boxes
