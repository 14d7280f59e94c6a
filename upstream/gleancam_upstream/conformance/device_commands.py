"""What a device says to commands: D-14 to D-17."""

from __future__ import annotations

from typing import final

from gleancam.wire.ack import ack_message
from gleancam.wire.message import Message
from gleancam_upstream.conformance.asking import asked, malformed_answer, nonsense
from gleancam_upstream.conformance.device_log import DeviceLog
from gleancam_upstream.conformance.score import Score
from gleancam_upstream.conformance.tap import Tap
from gleancam_upstream.conformance.trial import Trial

NO_ACKS = (b"", b"{", b"\xff", b"[]", b'{"ids": 5}', b'{"ids": ["../x"]}', b'{"rejected": [7]}')


@final
class DeviceCommands:
    """Gives `rebirth`, which does no harm, and what is no command."""

    def __init__(self, trial: Trial, score: Score, tap: Tap, log: DeviceLog) -> None:
        self._trial, self._score, self._tap, self._log = trial, score, tap, log

    def give(self) -> None:
        """Judge D-15, D-16, D-17."""
        self._trial.say("giving commands")
        before = len(self._tap.heard)
        answered, wrong = self.rebirth()
        self._score.judge("D-15", wrong)
        self._born_again(before)
        if not answered:
            for rule in ("D-14", "D-17"):
                self._score.skipped(rule, "it answers no command")
            return
        before = len(self._tap.heard)
        self._tap.say(nonsense(self._trial.topics))
        came = self._tap.until(lambda: malformed_answer(self._log, before), self._trial.patience_s)
        self._score.judge("D-17", "" if came else "no such answer came")

    def _born_again(self, before: int) -> None:
        """D-16."""
        statuses = self._log.all("status", "info", "camera_status")
        wanted = {one.message.topic for one in statuses if one.message.payload}
        wanted |= {self._trial.topics.status, self._trial.topics.info}

        def missing() -> list[str]:
            return sorted(wanted - {one.topic for one in self._tap.heard[before:] if one.payload})

        self._tap.until(lambda: not missing(), self._trial.patience_s)
        self._score.judge("D-16", f"{missing()[0]} did not" if missing() else "")

    def rebirth(self) -> tuple[bool, str]:
        """Return whether a harmless command is answered, and what is wrong with that."""
        ask = asked(self._trial.topics, "rebirth", self._log)
        self._tap.say(ask.message)
        self._tap.until(lambda: ask.answer(self._log), self._trial.patience_s)
        if (answer := ask.answer(self._log)) is None:
            return False, f"no answer within {self._trial.patience_s:g} s"
        result, correlation = answer
        if result.outcome != "done":
            return True, f"rebirth: {result.outcome}: {result.why}"
        carried = self._trial.broker.protocol == "5" and self._log.speaks_5
        lost = carried and correlation != ask.message.correlation
        return True, "its Correlation Data is lost" if lost else ""

    def survive(self, taken: str) -> None:
        """Judge D-14, by whether it still answers, if it ever did; `taken` was acknowledged."""
        topics = self._trial.topics
        twice = (ack_message(topics, (taken,)),) if taken else ()
        bad = (Message(topics.ack, payload) for payload in NO_ACKS)
        self._tap.say(*twice, ack_message(topics, ("conformance-never-sent",)), *bad)
        if self._score.has("D-14"):
            return
        answered, wrong = self.rebirth()
        self._score.judge("D-14", "" if answered else f"a command after them: {wrong}")
