"""Frames that were not kept, shown to the detectors while the accelerator has nothing else to do.

One slot a camera, in which the latest frame wins: what waits is bounded, and what is looked at is
fresh. A frame that is kept after all was counted as embedded when it was; it counts as kept now.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from gleancam.glean import Gleaner
from gleancam.label_round import Request
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.types import Decision, Reason, Sample
from gleancam_engines.voting.label import Label


class SecondLook:
    """Offers in, samples out; used by the inference stage's thread alone."""

    def __init__(self, gleaner: Gleaner, labeller: Labeller, metrics: Metrics) -> None:
        self._gleaner = gleaner
        self._labeller = labeller
        self._metrics = metrics
        self._waiting: dict[str, Outcome] = {}

    @property
    def waits(self) -> bool:
        """Whether a frame waits to be looked at."""
        return bool(self._waiting)

    def offer(self, outcome: Outcome) -> None:
        """Let a frame that was not kept wait, if it is worth it, in the place of the last."""
        if not self._gleaner.doubts(outcome):
            return
        if outcome.camera_id in self._waiting:
            self._count(outcome, "replaced")
        self._waiting[outcome.camera_id] = outcome

    def look(self, beat: Callable[[], None]) -> Sample | None:
        """Show the frame that waits longest to the detectors; a sample if it is kept after all.

        `beat` is called before each detector runs.
        """
        outcome = self._waiting.pop(next(iter(self._waiting)))
        assert outcome.frame is not None  # noqa: S101 - only embedded frames are doubted
        started = time.perf_counter()
        name = self._gleaner.name(outcome)
        answer = self._labeller.look(Request(outcome.camera_id, outcome.frame.planes, name), beat)
        self._metrics.observe("stage_seconds", time.perf_counter() - started, stage="second_look")
        later = self._gleaner.reconsider(outcome, answer.informativeness)
        assert later.decision is not None  # noqa: S101 - as above
        self._count(later, _became(later.decision, answer.labels))
        if later.sample_id is None:
            return None
        self._labeller.count(later.camera_id, answer.labels)
        reason = later.decision.reason.value
        self._metrics.inc("frames_kept", camera=later.camera_id, reason=reason)
        return later.sample(answer.labels, answer.evidence)

    def _count(self, outcome: Outcome, became: str) -> None:
        self._metrics.inc("frames_doubted", camera=outcome.camera_id, outcome=became)


def _became(decision: Decision, labels: tuple[Label, ...]) -> str:
    if decision.keep:
        return "kept"
    if decision.reason is Reason.OVER_BUDGET:
        return "over_budget"
    return "sure" if labels else "empty"
