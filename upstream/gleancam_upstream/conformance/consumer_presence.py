"""The rules about a consumer's presence: C-01, C-02, C-03."""

from __future__ import annotations

from typing import final

from gleancam.wire.error import WireError
from gleancam.wire.presence import parse_presence
from gleancam_upstream.conformance.answers import Answers
from gleancam_upstream.conformance.score import Score
from gleancam_upstream.conformance.tap import Tap, retained
from gleancam_upstream.conformance.trial import Trial
from gleancam_upstream.errors import TrialError


@final
class ConsumerPresence:
    """Waits for the consumer, and at the end has it killed."""

    def __init__(self, trial: Trial, score: Score, tap: Tap, answers: Answers) -> None:
        self._trial, self._score, self._tap, self._answers = trial, score, tap, answers

    def begin(self) -> None:
        """Judge C-01 and C-02.

        Raises:
            TrialError: several consumers are online.
        """
        self._trial.say(f"waiting {self._trial.patience_s:g} s for a consumer to be online")
        if not self._tap.until(self._answers.online, self._trial.patience_s):
            self._score.failed("C-01", self._answers.bad_presence() or "nobody said so")
            for rule in ("C-02", "C-03"):
                self._score.skipped(rule, "there was no presence")
            return
        if len(names := self._answers.online()) > 1:
            raise TrialError(
                f"several consumers are online: {', '.join(names)}",
                cure="stop all but one, or clear the presence of those that are no more",
            )
        self._score.judge("C-01", self._answers.bad_presence())
        kept = self._kept().get(names[0], False)
        self._score.judge("C-02", "" if kept else f"{names[0]} has none that is")

    def end(self) -> None:
        """Judge C-03, last: the consumer dies of it."""
        if (kill := self._trial.kill) is None:
            self._score.skipped("C-03", "give --pid to have it killed")
        elif not (names := self._answers.online()):
            self._score.skipped("C-03", "it was offline before")
        else:
            self._trial.say("killing the consumer")
            kill()
            self._score.judge("C-03", self._after(names[0]))

    def _after(self, name: str) -> str:
        """Return what is wrong after its death."""
        if not self._tap.until(lambda: not self._answers.online(), self._trial.patience_s):
            return f"nothing said so within {self._trial.patience_s:g} s"
        return "" if self._kept().get(name) is False else "that is not retained"

    def _kept(self) -> dict[str, bool]:
        """Return who is online, by what is retained; what cannot be read is C-01's."""
        filters = (self._trial.topics.ingest_filter,)
        kept = retained(self._trial.broker, filters, self._trial.glance_s)
        try:
            return dict(parse_presence(topic, one.payload) for topic, one in kept.items())
        except WireError:
            return {}
