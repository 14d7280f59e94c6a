"""Several members, one answer: what a committee is, and what it says about a frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration
from gleancam_engines.voting.casting import cast
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.labelling import Labelling
from gleancam_engines.voting.member import Member
from gleancam_engines.voting.onepanel import onepanel_opinion
from gleancam_engines.voting.ontology import Ontology
from gleancam_engines.voting.rules import (
    DEFAULT_RULES,
    BoxRule,
    Compat,
    ConfidenceType,
    Rules,
    Strategy,
)
from gleancam_engines.voting.seats import Seats, seated
from gleancam_engines.voting.steps import FRAME, steps
from gleancam_engines.voting.strategies import opinion
from gleancam_engines.voting.turnout import Turnout, turnout
from gleancam_engines.voting.verdict import Verdict

__all__ = [
    "BoxRule",
    "Committee",
    "Compat",
    "ConfidenceType",
    "Member",
    "Rules",
    "Strategy",
    "Verdict",
]


@dataclass(frozen=True, slots=True)
class Committee:
    """Who votes on what, and how.

    Raises:
        ValueError: two members have one id.
    """

    members: tuple[Member, ...]
    ontology: Ontology
    rules: Rules = DEFAULT_RULES
    calibration: Calibration = UNCALIBRATED
    _seats: Seats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for member_id, count in Counter(one.member_id for one in self.members).items():
            if count > 1:
                raise ValueError(
                    f"committee: {count} members are called {member_id!r}; name each once, "
                    "and test-time variants by a suffix such as +hflip"
                )
        object.__setattr__(self, "_seats", seated(self.members, self.ontology))

    def vote(
        self, evidence: Sequence[Evidence], frame_px: tuple[int, int] = (FRAME, FRAME)
    ) -> Verdict:
        """Make labels of what the members said; members without evidence count as `skipped`.

        The verdict depends on what was said alone, neither on the order of members, of evidence
        and of boxes nor on digits beyond the fourth. (With `compat` it does depend on the order.)

        Args:
            evidence: at most one of each member.
            frame_px: width and height of the frame; only `compat` wants to know.

        Raises:
            ValueError: evidence of somebody who is no member, two of one, or with another
                vocabulary than the member's.
        """
        self._check(evidence)
        came = turnout(self._seats, {one.member_id: one.status for one in evidence})
        sure = steps(np.array([one.confidence for one in self.ontology.classes], np.float64))
        votes = cast(self._in_file_order(evidence), self._seats, sure)
        weight, rules = self._seats.weight, self.rules
        if rules.compat == "onepanel":
            files = sum(one.status == "ok" for one in evidence)
            found = onepanel_opinion(votes.ballots, weight, rules, files, frame_px)
        else:
            found = opinion(votes.ballots, weight, rules, came)
        labels = self._labelling(came).labels(found)
        return Verdict(labels, came.incomplete, votes.unmapped, votes.dropped)

    def _labelling(self, came: Turnout) -> Labelling:
        names = tuple(one.name for one in self.ontology.classes)
        least = float(steps(np.array(self.rules.label_confidence)))
        return Labelling(self._seats, came, names, self.calibration, least)

    def _in_file_order(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        order = {one.member_id: place for place, one in enumerate(self.members)}
        return sorted(evidence, key=lambda one: order[one.member_id])

    def _check(self, evidence: Sequence[Evidence]) -> None:
        vocabularies = {one.member_id: one.vocabulary for one in self.members}
        for one in evidence:
            if one.member_id not in vocabularies:
                raise ValueError(
                    f"evidence of {one.member_id!r}, which is no member; "
                    f"members are {sorted(vocabularies)}"
                )
            if len(one) and one.vocabulary != vocabularies[one.member_id]:
                raise ValueError(
                    f"evidence of {one.member_id!r} has another vocabulary than the member; "
                    "boxes of another release of a model need a member of their own"
                )
        for member_id, count in Counter(one.member_id for one in evidence).items():
            if count > 1:
                raise ValueError(f"{count} evidences of {member_id!r}; give one of each member")
