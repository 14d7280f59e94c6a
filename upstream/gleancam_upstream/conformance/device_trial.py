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
from gleancam_upstream.conformance.asking import asked
from gleancam_upstream.conformance.device_commands import DeviceCommands
from gleancam_upstream.conformance.device_death import judge_death
from gleancam_upstream.conformance.device_log import DELIVERED, DeviceLog
from gleancam_upstream.conformance.kept_statuses import judge_kept
from gleancam_upstream.conformance.rules import DEVICE
from gleancam_upstream.conformance.score import Finding, OnFinding, Score
from gleancam_upstream.conformance.tap import Tap
from gleancam_upstream.conformance.trial import Trial
from gleancam_upstream.errors import TrialError

WANTED = 3
"""One sample to acknowledge, one to reject, one to leave unanswered."""
GRACE_S = 1.0
"""What is on its way may still come."""
RESENT_WITHIN_S = 90.0
"""A device waits for an answer for a minute at first."""


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
        self._commands = DeviceCommands(trial, score, tap, self._log)

    def run(self) -> None:
        self._appears()
        self._nobody()
        self._trial.say("coming online")
        self._tap.say(_presence(self._trial, online=True))
        if not self._is_there():
            self._score.failed("D-01", "nothing was heard of it")
            self._score.skip_rest("nothing was heard of it")
            return
        self._samples()
        self._commands.give()
        self._answers()
        self._nobody()
        judge_kept(self._trial, self._score)
        self._whole_log()
        judge_death(self._trial, self._score, self._tap, self._log)

    def _appears(self) -> None:
        self._trial.say(f"waiting {self._trial.patience_s:g} s for the device's status")
        self._tap.until(lambda: any(self._log.all("status")), self._trial.patience_s)
        if others := Answers(self._tap.heard, self._trial.topics).online():
            raise TrialError(f"consumers are online: {', '.join(others)}", cure="stop them")

    def _is_there(self) -> bool:
        """Whether anything was ever heard; a device whose status is lost may still answer."""
        return any(self._log.all("status", *DELIVERED)) or self._commands.rebirth()[0]

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

    def _answers(self) -> None:
        """D-10, D-12, D-13, and D-14."""
        have = self._complete()
        if not have:
            self._commands.survive("")
            for rule in ("D-10", "D-12", "D-13"):
                self._score.skipped(rule, "no sample or event came")
            return
        taken, refused, rest = have[0], have[1:2], have[2:]
        self._trial.say(f"acknowledging {taken}")
        topics = self._trial.topics
        self._tap.say(ack_message(topics, (taken,)))
        if refused:
            why = Rejection(refused[0], "conformance test")
            self._tap.say(ack_message(topics, (), (why,)))
        self._commands.survive(taken)
        self._tap.listen(min(GRACE_S, self._trial.quiet_s))
        mark = len(self._tap.heard)
        self._again(rest)
        after = self._log.parcels(mark)
        self._score.judge("D-12", f"{taken} came again" if taken in after else "")
        if not refused:
            self._score.skipped("D-13", "only one sample or event came")
        else:
            self._score.judge("D-13", f"{refused[0]} came again" if refused[0] in after else "")

    def _again(self, rest: list[str]) -> None:
        """D-10: wait for what was not answered."""
        self._trial.say("waiting for what was not answered to come again")

        def times() -> int:
            parcels = self._log.parcels()
            return max((parcels[one].times for one in rest), default=0)

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

    def _whole_log(self) -> None:
        """D-05 to D-08, and D-11."""
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


def _presence(trial: Trial, *, online: bool) -> Message:
    topics, name = trial.topics, trial.consumer or "conformance"
    return presence_message(topics.prefix, topics.site, name, online=online, ts_ns=time.time_ns())
