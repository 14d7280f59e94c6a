"""Commands: decides about each, has it carried out at most once, and answers.

Used by the delivery stage alone. What carries a command out (`order.py`) never blocks; what takes
longer is asked now and then whether it has ended. Every message is counted, and answered unless
there are too many: then (`throttled`) nothing is done and nothing said, and the sender may send it
again.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable

from gleancam.clock import synchronised
from gleancam.delivery.command_expiry import Now, deadline_ns
from gleancam.delivery.command_memory import CommandMemory
from gleancam.delivery.order import Later, Order
from gleancam.delivery.throttle import Throttle
from gleancam.errors import SinkError
from gleancam.metrics import Metrics
from gleancam.sinks.base import Commanded
from gleancam.wire.command import Command, CommandName, Fumble, Request
from gleancam.wire.command_result import Verdict, result_message
from gleancam.wire.message import Message

BURST = 32
EVERY_NS = 250_000_000
"""Four a second in the long run: people and their scripts need fewer."""
MOST_ANSWERS = 64
"""Answers that wait for a session; of more, the oldest go, and their senders ask again."""

log = logging.getLogger(__name__)


def system_time() -> Now:
    """Read the machine's clocks."""
    return Now(time.monotonic_ns(), time.time_ns(), synchronised())


class CommandDesk:
    """Takes `Commanded`, gives answers."""

    def __init__(
        self,
        metrics: Metrics,
        known: CommandMemory,
        now: Callable[[], Now] = system_time,
    ) -> None:
        self._metrics = metrics
        self._now = now
        self._orders: dict[CommandName, Order] = {}
        self._known = known
        self._throttle = Throttle(BURST, EVERY_NS)
        self._answers: deque[Message] = deque(maxlen=MOST_ANSWERS)
        self._under_way: list[tuple[Request, Later]] = []

    def obey(self, name: CommandName, order: Order) -> None:
        """Say what carries a command out; before the stage starts."""
        self._orders[name] = order

    def take(self, event: Commanded) -> None:
        """Deal with one message."""
        request, now = event.request, self._now()
        if not self._throttle.take(now.mono_ns):
            self._metrics.inc("commands", name=request.name, outcome="throttled")
            return
        verdict = self._decide(event, now)
        if isinstance(verdict, Later):
            self._under_way.append((request, verdict))
        else:
            self._answer(request, verdict, now)

    def flush(self, publish: Callable[[Message], None]) -> None:
        """Publish the answers; what `publish` cannot take waits."""
        self._look_again()
        while self._answers:
            try:
                publish(self._answers[0])
            except SinkError:
                return
            self._answers.popleft()

    def _look_again(self) -> None:
        """Answer what has come to an end meanwhile."""
        under_way, self._under_way = self._under_way, []
        for request, later in under_way:
            verdict = later.verdict()
            if verdict is None:
                self._under_way.append((request, later))
            else:
                self._known.settle(request.body.id, verdict.outcome)
                self._answer(request, verdict, self._now())

    def _answer(self, request: Request, verdict: Verdict, now: Now) -> None:
        self._metrics.inc("commands", name=request.name, outcome=verdict.outcome)
        log.info(
            "command %s %s: %s %s",
            request.name,
            request.body.id or "without id",
            verdict.outcome,
            verdict.why,
        )
        self._answers.append(
            result_message(request.reply, request.name, request.body.id, verdict, now.utc_ns)
        )

    def _decide(self, event: Commanded, now: Now) -> Verdict | Later:
        body = event.request.body
        if isinstance(body, Fumble):
            return Verdict(body.fault, body.why)
        if body.id in self._known:
            return Verdict(
                "replayed", "a command of this id came before", self._known.first(body.id)
            )
        until = deadline_ns(body.expires_ns, event.request.expiry_s, event.received_ns, now)
        if isinstance(until, Verdict):
            return until
        if (refusal := self._known.remember(body, until - now.mono_ns)) is not None:
            return refusal
        verdict = self._carry_out(body)
        if isinstance(verdict, Verdict):
            self._known.settle(body.id, verdict.outcome)
        return verdict

    def _carry_out(self, command: Command) -> Verdict | Later:
        order = self._orders.get(command.name)
        why = order(command) if order else "nothing here carries it out"
        if isinstance(why, Verdict | Later):
            return why
        return Verdict("refused", why) if why else Verdict("done")
