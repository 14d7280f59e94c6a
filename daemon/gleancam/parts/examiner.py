"""The command `doctor`: one examination at a time, on a thread of its own.

Delivery asks how far it is and answers in time, whatever an examination hangs on: a disk that does
not answer, or a driver. Meanwhile and until it has ended, others are refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from gleancam.channel import Channel, WhenFull
from gleancam.config.keys import Config
from gleancam.delivery.courier import Delivery
from gleancam.delivery.order import Later
from gleancam.doctor.finding import Finding, warn
from gleancam.doctor.remote import CHECKS, Check, look
from gleancam.errors import ChannelClosedError
from gleancam.stage import Pulse
from gleancam.wire.command import Command
from gleancam.wire.command_result import Verdict
from gleancam.wire.finding import FindingData, bounded

LIMIT_S = 10.0
"""For an examination; less than those who ask wait for an answer."""


class Examination:
    """One answer in the making. The examiner's thread fills it, delivery's reads."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._findings: list[Finding] = []
        self.at = "what comes first"
        self.ended = False

    @property
    def late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() > self._deadline_s

    def make(self, config: Config, checks: Mapping[str, Check], pulse: Pulse) -> None:
        """Look at one after the other, until time is up or the daemon stops."""
        for name, check in checks.items():
            self.at = name
            if self.late or pulse.stopping:
                return
            self._findings.extend(look(name, check, config))
        self.ended = True

    def verdict(self) -> Verdict | None:
        """Return all that was found, or so far when time is up; None while it is under way."""
        if not self.ended and not self.late:
            return None
        findings = list(self._findings)
        if not self.ended:
            findings.append(_unfinished(self.at))
        told, left_off = bounded(_told(finding) for finding in findings)
        return Verdict("done", findings=told, left_off=left_off)


class Examiner:
    """`run` is the stage's function, `close` ends it; `examine` is delivery's."""

    def __init__(
        self,
        config: Config,
        done: Callable[[], None],
        checks: Mapping[str, Check] = CHECKS,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._config = config
        self._done = done
        self._checks = checks
        self._limit_s = limit_s
        self._wanted: Channel[Examination] = Channel("doctor", 1, WhenFull.REFUSE)
        self._current: Examination | None = None
        self._idle = True

    def obeyed_by(self, delivery: Delivery) -> None:
        """Have `delivery` obey doctor."""
        delivery.obey("doctor", self.examine)

    def examine(self, _command: Command) -> str | Later:
        """Begin an examination, or say why not."""
        if not self._idle:
            at = "" if self._current is None else self._current.at
            return f"another examination is under way, at {at}: ask again"
        examination = Examination(time.monotonic() + self._limit_s)
        self._idle, self._current = False, examination
        try:
            self._wanted.put(examination)
        except ChannelClosedError:
            return "the daemon is stopping"
        return Later(examination.verdict)

    def run(self, pulse: Pulse) -> None:
        """Make examinations until closed."""
        try:
            while not pulse.stopping:
                if (examination := self._wanted.get(pulse=pulse)) is not None:
                    self._make(examination, pulse)
        except ChannelClosedError:
            return

    def close(self) -> None:
        """Take no more."""
        self._wanted.close()

    def _make(self, examination: Examination, pulse: Pulse) -> None:
        # Whatever it hangs on, the daemon is well: the watchdog is not asked.
        with pulse.waiting("an examination"):
            examination.make(self._config, self._checks, pulse)
        self._idle = True
        self._done()


def _unfinished(at: str) -> Finding:
    what = f"{at} was not looked at in time, nor what comes after it"
    return warn("doctor", what, "gleancam doctor on the device takes all the time it needs")


def _told(finding: Finding) -> FindingData:
    return FindingData(
        level=finding.level.value,
        part=finding.part[:32],
        what=finding.what[:200],
        cure=finding.cure[:200],
    )
