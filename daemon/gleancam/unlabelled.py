"""Kept frames until they are labelled: they wait, then go through a round of labelling together."""

from __future__ import annotations

import time
from collections import deque

from gleancam.label_round import Request, Round
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.types import Frame, Sample

MOST_WAITING = 8
LAST_LABELS_S = 3.0
"""How long detectors may go on once no more frames come: the stage has to end in its budget."""


class Unlabelled:
    """Outcomes in, samples out, in the same order; used by the inference stage's thread alone.

    Args:
        deadline_s: when a frame has waited so long, labelling yields to nothing else.
    """

    def __init__(self, labeller: Labeller, metrics: Metrics, deadline_s: float) -> None:
        self._labeller = labeller
        self._metrics = metrics
        self._deadline_ns = int(deadline_s * 1e9)
        self._waiting: deque[Outcome] = deque()
        self._at_work: list[Outcome] = []
        self._round: Round | None = None
        self._end_ns: int | None = None

    def __len__(self) -> int:
        return len(self._waiting) + len(self._at_work)

    def add(self, outcome: Outcome) -> None:
        """Let a kept frame wait."""
        self._waiting.append(outcome)

    def is_due(self) -> bool:
        """Whether labelling must go on though a frame waits to be embedded."""
        return len(self) >= MOST_WAITING or self._is_overdue()

    def step(self, *, ending: bool = False) -> list[Sample]:
        """Show one batch to one voter; only while a frame is here.

        Args:
            ending: no more frames come; what detectors have not begun after `LAST_LABELS_S` is
                `timeout`, so that kept frames leave without labels rather than not at all.

        Returns:
            The samples of a round that ends with it, else none.
        """
        if self._round is None:
            self._round = self._begin()
        if ending and self._is_over():
            self._round.give_up()
        if not self._round.done:
            self._round.step()
        return self._end(self._round) if self._round.done else []

    def _begin(self) -> Round:
        while self._waiting and len(self._at_work) < MOST_WAITING:
            self._at_work.append(self._waiting.popleft())
        return self._labeller.begin([request_of(outcome) for outcome in self._at_work])

    def _end(self, done: Round) -> list[Sample]:
        samples = []
        answers = self._labeller.answers(done)
        for outcome, answer in zip(self._at_work, answers, strict=True):
            self._labeller.count(outcome.camera_id, answer.labels)
            each_s = done.spent_s / len(answers)
            self._metrics.observe("stage_seconds", each_s, stage="label")
            samples.append(outcome.sample(answer.labels, answer.evidence))
        self._at_work, self._round = [], None
        return samples

    def _is_over(self) -> bool:
        now_ns = time.monotonic_ns()
        if self._end_ns is None:
            self._end_ns = now_ns + int(LAST_LABELS_S * 1e9)
        return now_ns >= self._end_ns

    def _is_overdue(self) -> bool:
        oldest = _frame((self._at_work or self._waiting)[0])
        return time.monotonic_ns() - oldest.mono_ns > self._deadline_ns


def request_of(outcome: Outcome) -> Request:
    """Return the request for the labels of an embedded frame by its own zero-shot name."""
    return Request(outcome.camera_id, _frame(outcome).planes, outcome.scene_label)


def _frame(outcome: Outcome) -> Frame:
    assert outcome.frame is not None  # noqa: S101 - a kept frame is one
    return outcome.frame
