"""Plays a consumer, and looks at what a device sends."""

from __future__ import annotations

import time
from typing import final

from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from gleancam.wire.status import cleared
from gleancam.wire.subscriptions import consumer_filters
from gleancam_upstream.conformance import device_judges
from gleancam_upstream.conformance.answers import Answers
from gleancam_upstream.conformance.asking import asked, malformed_answer, nonsense
from gleancam_upstream.conformance.device_log import DELIVERED, DeviceLog
from gleancam_upstream.conformance.kept_statuses import judge_kept, session_of
from gleancam_upstream.conformance.objects import object_of
from gleancam_upstream.conformance.rules import DEVICE
from gleancam_upstream.conformance.score import Finding, OnFinding, Score
from gleancam_upstream.conformance.tap import Tap, retained
from gleancam_upstream.conformance.trial import Trial
from gleancam_upstream.errors import TrialError

NO_ACKS = (b"", b"{", b"\xff", b"[]", b'{"ids": 5}', b'{"ids": ["../x"]}', b'{"rejected": [7]}')
WANTED = 3
"""One sample to acknowledge, one to reject, one to leave unanswered."""
GRACE_S = 1.0
"""What is on its way may still come."""
RESENT_WITHIN_S = 90.0
"""A device waits for an answer for a minute at first."""


def _presence(trial: Trial, *, online: bool) -> Message:
    topics, name = trial.topics, trial.consumer or "conformance"
    return presence_message(topics.prefix, topics.site, name, online=online, ts_ns=time.time_ns())


def try_device(trial: Trial, tell: OnFinding) -> tuple[Finding, ...]:
    """Check a device that runs, or is started soon. It takes a sample or two away from it.

    `tell` is given each finding as it is made.

    Raises:
        NoBrokerError: there is no connection, or it was lost.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
        TrialError: a consumer is online besides.
    """
    score, topics = Score(DEVICE, tell), trial.topics
    filters = consumer_filters(topics.prefix, topics.site, topics.device)
    results = f"{topics.command_filter}/result/#"
    gone = _presence(trial, online=False)
    with Tap(trial.broker, *filters, results, topics.ingest_filter, will=gone) as tap:
        try:
            _DeviceTrial(trial, score, tap).run()
        finally:
            tap.say(gone, cleared(gone.topic))
    return score.findings()


@final
class _DeviceTrial:
    def __init__(self, trial: Trial, score: Score, tap: Tap) -> None:
        self._trial, self._score, self._tap = trial, score, tap
        self._log = DeviceLog(tap.heard, trial.topics)

    def run(self) -> None:
        self._appears()
        self._nobody()
        self._trial.say("coming online")
        self._tap.say(_presence(self._trial, online=True))
        self._samples()
        self._commands()
        self._answers()
        self._nobody()
        judge_kept(self._trial, self._score)
        self._whole_log()
        self._death()

    def _appears(self) -> None:
        self._trial.say(f"waiting {self._trial.patience_s:g} s for the device's status")
        self._tap.until(lambda: any(self._log.all("status")), self._trial.patience_s)
        if others := Answers(self._tap.heard, self._trial.topics).online():
            raise TrialError(f"consumers are online: {', '.join(others)}", cure="stop them")

    def _nobody(self) -> None:
        """D-09: before anybody comes, and after all have left."""
        self._trial.say("nobody is online now")
        self._tap.say(_presence(self._trial, online=False))
        self._tap.listen(min(GRACE_S, self._trial.quiet_s))
        before = len(self._tap.heard)
        self._tap.listen(self._trial.quiet_s)
        sent = [one.message for one in self._log.all(*DELIVERED, since=before)]
        topics = [one.topic for one in sent if not one.retained]
        self._score.judge("D-09", f"{topics[0]} came" if topics else "")

    def _samples(self) -> None:
        self._trial.say(f"waiting {self._trial.patience_s:g} s for {WANTED} samples or events")
        deadline = time.monotonic() + self._trial.patience_s
        while len(self._complete()) < WANTED and time.monotonic() < deadline:
            if self._trial.capture:
                self._tap.say(asked(self._trial.topics, "capture-now", self._log).message)
            step_s = min(self._trial.quiet_s, max(0.0, deadline - time.monotonic()))
            self._tap.until(lambda: len(self._complete()) >= WANTED, step_s)

    def _complete(self) -> list[str]:
        return [name for name, one in self._log.parcels().items() if one.complete]

    def _commands(self) -> None:
        """D-15, D-16, D-17."""
        self._trial.say("giving commands")
        before = len(self._tap.heard)
        answered, wrong = self._rebirth()
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

    def _rebirth(self) -> tuple[bool, str]:
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

    def _answers(self) -> None:
        """D-10, D-12, D-13, D-14."""
        have = self._complete()
        if not have:
            self._no_harm("")
            return
        taken, refused, rest = have[0], have[1:2], have[2:]
        self._trial.say(f"acknowledging {taken}")
        topics = self._trial.topics
        self._tap.say(ack_message(topics, (taken,)))
        if refused:
            why = Rejection(refused[0], "conformance test")
            self._tap.say(ack_message(topics, (), (why,)))
        self._no_harm(taken)
        self._tap.listen(min(GRACE_S, self._trial.quiet_s))
        mark = len(self._tap.heard)
        self._again(rest)
        after = self._log.parcels(mark)
        self._score.judge("D-12", f"{taken} came again" if taken in after else "")
        if refused:
            self._score.judge("D-13", f"{refused[0]} came again" if refused[0] in after else "")

    def _again(self, rest: list[str]) -> None:
        """D-10: wait for what was not answered."""
        self._trial.say("waiting for what was not answered to come again")

        def times() -> int:
            return max((self._log.parcels()[one].times for one in rest), default=0)

        came = self._tap.until(lambda: times() > 1, self._trial.patience_s)
        self._tap.listen(self._trial.quiet_s)
        if came:
            self._score.passed("D-10")
        elif not rest:
            self._score.skipped("D-10", f"it sent fewer than {WANTED}")
        elif self._trial.patience_s < RESENT_WITHIN_S:
            self._score.skipped("D-10", f"--patience is below {RESENT_WITHIN_S:g}")
        else:
            self._score.failed("D-10", f"nothing did within {self._trial.patience_s:g} s")

    def _no_harm(self, taken: str) -> None:
        """D-14: it still answers, if it ever did."""
        topics = self._trial.topics
        twice = (ack_message(topics, (taken,)),) if taken else ()
        bad = (Message(topics.ack, payload) for payload in NO_ACKS)
        self._tap.say(*twice, ack_message(topics, ("conformance-never-sent",)), *bad)
        if self._score.has("D-14"):
            return
        answered, wrong = self._rebirth()
        self._score.judge("D-14", "" if answered else f"a command after them: {wrong}")

    def _whole_log(self) -> None:
        """D-05 to D-08, D-11, D-18."""
        for rule, judge in (
            ("D-05", device_judges.schemas),
            ("D-06", device_judges.order),
            ("D-07", device_judges.images),
            ("D-08", device_judges.attributes),
            ("D-11", device_judges.repeats),
        ):
            wrong = judge(self._log)
            if wrong is None:
                self._score.skipped(rule, "nothing came of which it could be told")
            else:
                self._score.judge(rule, wrong)

    def _death(self) -> None:
        """D-19, last."""
        if (kill := self._trial.kill) is None:
            self._score.skip_rest("give --pid to have it killed")
            return
        self._trial.say("killing the device")
        before, session = len(self._tap.heard), self._session()
        kill()
        if not self._tap.until(lambda: self._lost(before), self._trial.patience_s):
            self._score.failed("D-19", f"nothing said so within {self._trial.patience_s:g} s")
            return
        topic = self._trial.topics.status
        kept = retained(self._trial.broker, (topic,), self._trial.glance_s)
        last = kept[topic].payload if topic in kept else b""
        if b'"lost"' not in last:
            self._score.failed("D-19", "it is not retained")
            return
        if session is None:
            self._score.skipped("D-19", "its status has no session number")
            return
        wrong = f"its session is {session_of(last)}, the device's was {session}"
        self._score.judge("D-19", "" if session_of(last) == session else wrong)

    def _session(self) -> int | None:
        said = [session_of(one.message.payload) for one in self._log.all("status")]
        return said[-1] if said else None

    def _lost(self, since: int) -> bool:
        statuses = self._log.all("status", since=since)
        return any(object_of(one.message.payload).get("state") == "lost" for one in statuses)
