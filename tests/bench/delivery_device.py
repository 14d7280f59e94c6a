"""The lower half of the daemon, with a tally: when it connected, when how much was freed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry

from gleancam.config.keys import Mqtt
from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.state import Policy
from gleancam.delivery.upkeep import Upkeep
from gleancam.metrics import Metrics
from gleancam.parts.bandwidth import make_bandwidth
from gleancam.parts.delivery import AHEAD_MESSAGES
from gleancam.sinks.mqtt import Identity, MqttSink
from gleancam.spool.queue import Spool
from gleancam.stage import Stage
from gleancam.wire.loss import Loss
from gleancam.wire.parcel import Parcel
from mqtt_rig import TOPICS, will

WINDOW_MESSAGES = 20
"""What delivery lets be unanswered at once; the bare client gets the same."""


MAX_AGE_NS = 30 * 86_400 * 10**9


class Tally(Metrics):
    """The daemon's metrics, and moments of the monotonic clock."""

    def __init__(self, awaited: int) -> None:
        super().__init__(CollectorRegistry())
        self._awaited = awaited
        self.freed = 0
        self.connected_s = self.done_s = 0.0
        self.done = threading.Event()

    def set(self, name: str, /, value: float, **labels: str) -> None:
        super().set(name, value, **labels)
        if name == "sink_connected" and value:
            self.connected_s = time.perf_counter()

    def inc(self, name: str, /, amount: float = 1, **labels: str) -> None:
        super().inc(name, amount, **labels)
        if name == "delivery_parcels" and labels["outcome"] == "freed":
            self.freed += int(amount)
            if self.freed >= self._awaited:
                self.done_s = time.perf_counter()
                self.done.set()


@contextmanager
def delivering(
    spool: Spool, port: int, awaited: int, confirm: Literal["puback", "ingest"] = "puback"
) -> Iterator[Tally]:
    """Deliver what is in the spool to the broker until the block ends."""
    settings = Mqtt(host="127.0.0.1", port=port, confirm=confirm)
    tally, crashes = Tally(awaited), list[tuple[str, BaseException]]()
    sink = MqttSink(
        settings,
        Identity(TOPICS, spool.next_session, will),
        lambda *crash: crashes.append(crash),
        lambda reason: tally.inc("sink_events_lost", reason=reason),
    )
    policy = Policy(confirm, 60 * 10**9, WINDOW_MESSAGES, ahead_messages=AHEAD_MESSAGES)
    route = Route(TOPICS, mqtt5=True, image_limit_bytes=settings.inline_max_bytes, drain_s=0)
    upkeep = Upkeep(spool, tally, _nothing_is_lost, MAX_AGE_NS)
    bandwidth = make_bandwidth(settings, spool, tally)
    delivery = Delivery(spool, sink, policy, route, tally, upkeep, bandwidth)
    stage = Stage("delivery", delivery.run, lambda *crash: crashes.append(crash))
    stage.start()
    try:
        yield tally
    finally:
        stage.stop()
        stage.join(20)
    assert crashes == []


def _nothing_is_lost(camera_id: str, lost: tuple[Loss, ...]) -> Parcel:
    raise AssertionError(f"{camera_id} lost {lost}")
