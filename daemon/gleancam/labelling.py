"""Kept frames to labels: the voters look, then the committee makes one answer of what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gleancam.label_round import Request, Round
from gleancam.metrics import Metrics
from gleancam.voter import Voter
from gleancam_engines.voting.committee import Committee, Verdict
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.informativeness import DEFAULT, InformativenessRule, informativeness
from gleancam_engines.voting.label import Label


@dataclass(frozen=True, slots=True)
class Panel:
    """Who looks at frames, and how that becomes labels.

    Attributes:
        voters: one for each member of the committee, in its order.
        rule: how much there is to learn from labels.
    """

    voters: tuple[Voter, ...]
    committee: Committee
    rule: InformativenessRule = DEFAULT


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of the objects in one frame.

    Attributes:
        evidence: of every member, whether it looked or not.
        informativeness: how much there is to learn from the labels.
    """

    labels: tuple[Label, ...]
    evidence: tuple[Evidence, ...]
    informativeness: float


class Labeller:
    """The panel of this device, at work on the accelerator's thread.

    Args:
        limit_s: how long detectors may run for the frames of one round.
    """

    def __init__(self, panel: Panel, metrics: Metrics, limit_s: float) -> None:
        self._panel = panel
        self._metrics = metrics
        self._limit_s = limit_s

    def begin(self, requests: Sequence[Request]) -> Round:
        """Return a round in which these frames are looked at."""
        return Round(requests, self._panel.voters, self._limit_s, self._metrics)

    def answers(self, done: Round) -> list[Answer]:
        """Vote on what was seen in each frame of a round that is done."""
        pairs = zip(done.requests, done.evidence(), strict=True)
        return [self._answer(request, evidence) for request, evidence in pairs]

    def look(self, request: Request, beat: Callable[[], None]) -> Answer:
        """Label one frame at once; `beat` is called before each detector runs."""
        one = self.begin([request])
        while not one.done:
            beat()
            one.step()
        return self.answers(one)[0]

    def count(self, camera_id: str, labels: Sequence[Label]) -> None:
        """Count the labels of a kept frame."""
        for label in labels:
            self._metrics.inc("labels", camera=camera_id, class_name=label.class_name)

    def _answer(self, request: Request, evidence: tuple[Evidence, ...]) -> Answer:
        size = request.planes.width, request.planes.height
        verdict = self._panel.committee.vote(evidence, size)
        self._count_members(evidence, verdict)
        labels = verdict.labels
        return Answer(labels, evidence, informativeness(labels, self._panel.rule))

    def _count_members(self, evidence: Sequence[Evidence], verdict: Verdict) -> None:
        for one in evidence:
            self._metrics.inc("member_frames", member=one.member_id, status=one.status)
        for (member, name), boxes in verdict.unmapped.items():
            self._metrics.inc("boxes_unmapped", boxes, member=member, class_name=name)
        for reason, boxes in verdict.dropped.items():
            self._metrics.inc("boxes_dropped", boxes, reason=reason)
