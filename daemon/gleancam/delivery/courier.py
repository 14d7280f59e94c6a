"""The delivery stage: claims from the spool, sends through a sink, settles what comes back.

`state.py` decides; this file does. The spool is the queue: the sink holds at most the
window, and a parcel leaves the spool only when it is confirmed, given up or dead.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable

from gleancam.delivery.actions import Action, Hurry
from gleancam.delivery.announcements import Announcements, MakeStatus
from gleancam.delivery.bandwidth import Bandwidth
from gleancam.delivery.command_desk import CommandDesk
from gleancam.delivery.command_memory import CommandMemory
from gleancam.delivery.dispatch import Dispatch, Route
from gleancam.delivery.fetching import Fetching
from gleancam.delivery.known_commands import KnownCommands
from gleancam.delivery.order import Order
from gleancam.delivery.settlement import Settlement
from gleancam.delivery.state import DeliveryState, Policy
from gleancam.delivery.upkeep import Upkeep
from gleancam.errors import SpoolFullError
from gleancam.metrics import Metrics
from gleancam.sinks.base import Commanded, Connected, Disconnected, Nudge, Sink, SinkEvent
from gleancam.spool.claims import Claimed
from gleancam.spool.queue import NEVER_SET_BACK, Spool
from gleancam.spool.states import State
from gleancam.stage import Pulse
from gleancam.wire.command import Command, CommandName
from gleancam.wire.message import Message

IDLE_S = 0.5
DRAIN_WAIT_S = 0.05
GAUGES_EVERY_S = 2.0
DISK_RETRY_S = 1.0
ENOUGH_EVENTS = 20
GATHER_S = 0.003
"""While the sink has enough to send, so many answers are waited for so long, to be settled
together: a transaction costs as much for one as for ten."""
GOODBYE_S = 2.0

log = logging.getLogger(__name__)


class Delivery:
    """`run` is the stage's function; `announce` and `nudge` may be called from any thread."""

    def __init__(
        self,
        spool: Spool,
        sink: Sink,
        policy: Policy,
        route: Route,
        metrics: Metrics,
        upkeep: Upkeep | None = None,
        bandwidth: Bandwidth | None = None,
        known: KnownCommands | None = None,
    ) -> None:
        self._bandwidth = bandwidth
        self._upkeep = upkeep
        self._spool = spool
        self._sink = sink
        self._route = route
        self._metrics = metrics
        self._state = DeliveryState(policy)
        self._settlement = Settlement(spool, policy, metrics)
        self._announcements = Announcements()
        self._desk = CommandDesk(metrics, CommandMemory(spool, known))
        self.obey("rebirth", self._say_all_again)
        self.obey("flush", self._hurry)
        self.obey("fetch-sample", Fetching(spool, self._settlement.perform).fetch)
        self._dispatch = Dispatch(sink, route, self._state, self._settlement, metrics, bandwidth)
        self._farewell: tuple[str, MakeStatus] | None = None
        self._gauges_due = 0.0
        self._more = False
        self._left = False

    @property
    def session(self) -> int | None:
        """The session's number; None while there is none."""
        return self._state.session

    def announce(self, topic: str, make: MakeStatus) -> None:
        """Publish a retained status now and in every later session, until it is replaced."""
        self._announcements.put(topic, make)
        self.nudge()

    def farewell(self, topic: str, make: MakeStatus) -> None:
        """Publish this last, when everything else was sent or time is up."""
        self._farewell = (topic, make)

    def obey(self, name: CommandName, order: Order) -> None:
        """Say what carries a command out; before the stage starts."""
        self._desk.obey(name, order)

    def nudge(self) -> None:
        """Say that there is something to send."""
        self._sink.events.put(Nudge())

    def run(self, pulse: Pulse) -> None:
        """Deliver until stopped, then drain within the budget, and stop the sink.

        Raises:
            SpoolError: the spool is damaged.
        """
        self._sink.start()
        try:
            while not pulse.stopping:
                self._work(pulse)
            self._drain(pulse)
            self._say_farewell()
            self._show_gauges()
        finally:
            self._sink.stop(GOODBYE_S)
            if self._bandwidth is not None:
                self._bandwidth.close()

    def _work(self, pulse: Pulse) -> None:
        try:
            self._step(pulse, 0 if self._more else IDLE_S)
        except SpoolFullError as error:
            log.warning("delivery waits for the disk: %s", error, extra={"limit": "disk"})
            pulse.sleep(DISK_RETRY_S, on="disk")

    def _drain(self, pulse: Pulse) -> None:
        deadline = time.monotonic() + self._route.drain_s
        try:
            self._step(pulse, 0)
            while self._has_more() and time.monotonic() < deadline:
                self._step(pulse, 0 if self._more else DRAIN_WAIT_S)
        except SpoolFullError as error:
            log.warning("stopped draining: %s", error)

    def _has_more(self) -> bool:
        unfinished = self._more or self._state.outstanding > 0
        return unfinished and self._state.may_send(time.monotonic_ns())

    def _say_farewell(self) -> None:
        if self._farewell is not None:
            self._announcements.put(*self._farewell)
        if self._state.session is not None:
            self._desk.flush(self._publish)
            self._announcements.flush(self._state.session, self._publish)

    def _step(self, pulse: Pulse, wait_s: float) -> None:
        if not self._receive(pulse, wait_s) and wait_s:
            self._spool.tidy()
        self._settlement.expire(self._state)
        if self._upkeep is not None:
            can_send = self._state.may_send(time.monotonic_ns())
            self._state.expired(self._upkeep.look(can_send=can_send))
        self._send()
        if time.monotonic() >= self._gauges_due:
            self._show_gauges()

    def _receive(self, pulse: Pulse, wait_s: float) -> bool:
        """Settle what is left of earlier events, then wait for new ones and settle them.

        Returns:
            False when none came.
        """
        self._settlement.perform()
        event = self._await(pulse, wait_s)
        if event is None:
            return False
        if self._state.stocked and len(self._sink.events) < ENOUGH_EVENTS:
            pulse.sleep(GATHER_S, on="answers")
        for one in (event, *self._sink.events.drain()):
            self._settlement.add(self._note(one))
        self._settlement.perform()
        return True

    def _await(self, pulse: Pulse, wait_s: float) -> SinkEvent | None:
        waits_on = self._bandwidth.waits_on(ready=self._left) if self._bandwidth else None
        if waits_on is None:
            return self._sink.events.get(wait_s, pulse)
        with pulse.waiting(f"link: {waits_on}"):
            return self._sink.events.get(wait_s)

    def _note(self, event: SinkEvent) -> Iterable[Action]:
        actions = self._state.receive(event, time.monotonic_ns())
        if isinstance(event, Connected):
            self._announcements.renew()
        if isinstance(event, Connected | Disconnected):
            self._metrics.set("sink_connected", float(isinstance(event, Connected)))
        if isinstance(event, Commanded):
            self._desk.take(event)
        return actions

    def _say_all_again(self, _command: Command) -> str:
        self._announcements.renew()
        return ""

    def _hurry(self, _command: Command) -> str:
        self._state.hurry()
        self._settlement.add((Hurry(),))
        return ""

    def _send(self) -> None:
        if self._state.session is not None:
            self._announcements.flush(self._state.session, self._publish)
            self._desk.flush(self._publish)
        more_new, more_again = self._send_due(again=False), self._send_due(again=True)
        self._more = more_new or more_again

    def _send_due(self, *, again: bool) -> bool:
        """Send what was never set back, or what was; return whether there may be more."""
        now_ns = time.monotonic_ns()
        room = self._state.room_again(now_ns) if again else self._state.room(now_ns)
        claimed = self._claim(room, now_ns, again=again)
        self._dispatch.send(deque(claimed), again=again)
        return len(claimed) == room > 0

    def _claim(self, room: int, now_ns: int, *, again: bool) -> list[Claimed]:
        if self._bandwidth is not None:
            return self._bandwidth.claim(room, now_ns, again=again)
        return self._spool.claim(room, now_ns if again else NEVER_SET_BACK)

    def _publish(self, message: Message) -> None:
        if self._bandwidth is not None:
            self._bandwidth.secure_status(message)
        self._sink.publish(message)
        if self._bandwidth is not None:
            self._bandwidth.spend([message])

    def _show_gauges(self) -> None:
        self._gauges_due = time.monotonic() + GAUGES_EVERY_S
        stat = self._spool.stat()
        self._metrics.set("spool_bytes", stat.bytes)
        for state, count in stat.parcels.items():
            self._metrics.set("spool_parcels", count, state=state.value)
        self._left = stat.parcels[State.READY] > 0
        if self._bandwidth is not None:
            self._bandwidth.show(ready=self._left)
