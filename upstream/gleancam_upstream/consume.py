"""The reference consumer: a lasting session that hands out verified samples, once each.

The rule of the contract is that a parcel is acknowledged after it is safe, never before, and again
whenever it comes again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import final

from gleancam.wire.ack import MAX_IDS, Rejection, ack_message
from gleancam.wire.address import Address
from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from gleancam.wire.subscriptions import consumer_filters
from gleancam.wire.topics import Topics
from gleancam_upstream.arrivals import (
    Arrival,
    Duplicate,
    EventArrived,
    Invalid,
    Parcel,
    SampleArrived,
)
from gleancam_upstream.broker import Broker
from gleancam_upstream.counts import Counts
from gleancam_upstream.expected_pictures import Manifests
from gleancam_upstream.intake import Intake
from gleancam_upstream.seen import Seen


@final
class Consumer:
    """Receives everything the devices of one site send.

    Use it as a context manager. It owns no thread: call `receive` often enough (at least every few
    seconds) for the session to stay alive.

    Attributes:
        counts: what came so far.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        site: str,
        consumer: str,
        seen: Seen,
        prefix: str = "gleancam",
        manifests: Manifests | None = None,
    ) -> None:
        """Prepare; nothing is sent before the first `receive`.

        `consumer` names this consumer: one process at a time may use it. `seen` remembers what is
        safe already. `manifests` knows, after a restart too, of whose samples pictures may still
        come; without it, only of those of this process.

        Raises:
            WireError: a name is no id.
            CredentialsError: a file of `broker` cannot be used.
        """
        from gleancam_upstream.connection import Connection

        self.counts = Counts()
        self._names = (prefix, site, consumer)
        self._seen = seen
        self._intake = Intake(seen, self.counts, manifests)
        self._connection = Connection(
            broker,
            f"gleancam-{site}-{consumer}",
            filters=consumer_filters(prefix, site),
            hello=lambda: self._presence(online=True),
            will=lambda: self._presence(online=False),
        )

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close(self._presence(online=False))

    @property
    def online(self) -> bool:
        """Whether there is a session and devices know it."""
        return self._connection.online

    @property
    def trouble(self) -> str:
        """Why there is no session; empty while all is well. Connecting is tried again and again."""
        return self._connection.trouble

    def receive(self, timeout_s: float = 1.0) -> tuple[Arrival, ...]:
        """Return what has come, waiting up to `timeout_s`; duplicates and invalid are answered.

        Raises:
            BrokerRefusedError: the broker does not let us in.
        """
        came = self._connection.poll(timeout_s)
        arrivals = tuple(arrival for one in came for arrival in self._intake.take(one))
        self._answer_again([one for one in arrivals if isinstance(one, Duplicate)])
        for invalid in arrivals:
            if isinstance(invalid, Invalid) and invalid.address and invalid.parcel_id:
                self._reject(invalid.address, invalid.parcel_id, invalid.why)
        return arrivals

    def samples(self, *, idle_s: float | None = None) -> Iterator[SampleArrived]:
        """Yield samples as they come; end when nothing came for `idle_s` (None: never).

        Acknowledge each one yourself. Events are acknowledged, not handed out, and pictures that
        were held are neither: use `receive` for them.

        Raises:
            BrokerRefusedError: the broker does not let us in.
        """
        last = time.monotonic()
        while idle_s is None or time.monotonic() - last < idle_s:
            for arrival in self.receive(0.2):
                last = time.monotonic()
                if isinstance(arrival, SampleArrived):
                    yield arrival
                elif isinstance(arrival, EventArrived):
                    self.ack(arrival)

    def ack(self, *parcels: Parcel) -> None:
        """Tell the devices that these parcels are safe. Without a session, they ask again."""
        self._seen.add([parcel.parcel_id for parcel in parcels])
        for parcel in parcels:
            self._intake.answered(parcel.parcel_id)
        self.counts.acknowledged += len(parcels)
        self._acknowledge((parcel.address.topics, parcel.parcel_id) for parcel in parcels)

    def reject(self, parcel: Parcel, why: str) -> None:
        """Tell the device never to send this parcel again; `why` is for people."""
        self._intake.answered(parcel.parcel_id)
        self._reject(parcel.address, parcel.parcel_id, why)

    def _answer_again(self, duplicates: list[Duplicate]) -> None:
        self._acknowledge((one.address.topics, one.parcel_id) for one in duplicates)

    def _acknowledge(self, parcels: Iterable[tuple[Topics, str]]) -> None:
        by_device: defaultdict[Topics, list[str]] = defaultdict(list)
        for topics, parcel_id in parcels:
            by_device[topics].append(parcel_id)
        for topics, ids in by_device.items():
            for first in range(0, len(ids), MAX_IDS):
                self._connection.publish(ack_message(topics, tuple(ids[first : first + MAX_IDS])))

    def _reject(self, address: Address, parcel_id: str, why: str) -> None:
        self.counts.rejected += 1
        self._connection.publish(ack_message(address.topics, (), (Rejection(parcel_id, why),)))

    def _presence(self, *, online: bool) -> Message:
        return presence_message(*self._names, online=online, ts_ns=time.time_ns())
