"""The reference consumer: a lasting session that hands out verified samples, once each.

`consume` is for programs with an event loop, `Consumer` for all others. What they say and when is
decided in one place, `reception.py`.

The rule of the contract is that a parcel is acknowledged after it is safe, never before, and again
whenever it comes again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import final

from gleancam.wire.message import Message
from gleancam_upstream.arrivals import Arrival, EventArrived, Parcel, SampleArrived
from gleancam_upstream.broker import Broker
from gleancam_upstream.cameras import wanted_cameras
from gleancam_upstream.expected_pictures import Manifests
from gleancam_upstream.reception import Reception
from gleancam_upstream.sample_stream import AT_MOST, OnEvent, OnPicture, SampleStream, pass_over
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
        cameras: Sequence[str] = (),
    ) -> None:
        """Prepare; nothing is sent before the first `receive`.

        `consumer` names this consumer: one process at a time may use it. `seen` remembers what is
        safe already. `manifests` knows, after a restart too, of whose samples pictures may still
        come; without it, only of those of this process. `cameras` are `device/camera`, each an id
        or `*`; all by default.

        Raises:
            WireError: a name is no id.
            CredentialsError: a file of `broker` cannot be used.
        """
        from gleancam_upstream.connection import Connection

        wanted = wanted_cameras(cameras)
        reception = Reception((prefix, site, consumer), seen, wanted, manifests)
        self.counts = reception.counts
        self._seen, self._reception = seen, reception
        self._connection = Connection(
            broker,
            f"gleancam-{site}-{consumer}",
            filters=reception.filters,
            hello=lambda: reception.presence(online=True),
            will=lambda: reception.presence(online=False),
        )

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close(self._reception.presence(online=False))

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
        arrivals, answers = self._reception.take(came)
        self._publish(answers)
        self._connection.unsubscribe(self._reception.strays())
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
        self._publish(self._reception.acknowledge(parcels))

    def reject(self, parcel: Parcel, why: str) -> None:
        """Tell the device never to send this parcel again; `why` is for people."""
        self._publish(self._reception.reject(parcel, why))

    def _publish(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._connection.publish(message)


def consume(  # noqa: PLR0913 - one argument a choice, all but two with a default
    broker: Broker,
    *,
    site: str,
    consumer: str,
    seen: Seen,
    cameras: Sequence[str] = (),
    prefix: str = "gleancam",
    at_most: int = AT_MOST,
    on_event: OnEvent = pass_over,
    on_picture: OnPicture | None = None,
    manifests: Manifests | None = None,
) -> SampleStream:
    """Return an asynchronous stream of verified samples, each handed out once.

        async with consume(broker, site="depot", consumer="trainer", seen=seen) as samples:
            async for sample in samples:
                await store(sample.data, sample.image)
                await sample.ack()  # only once it is safe

    Any number of tasks may iterate the same stream. Answers may come in any order, from any task of
    the same loop; cancelling one loses no sample: what was not answered, the device sends again.

    Args:
        broker: where.
        site: whose devices to receive.
        consumer: names this consumer: one process at a time may use it.
        seen: remembers what is safe already, over restarts if it is a `SeenFile`.
        cameras: `device/camera`, each an id or `*`; all by default. Consumers with different ones
            split the load.
        prefix: first level of all topics.
        at_most: so many samples are handed out and not answered; then the stream waits, and over
            MQTT 5 the broker sends at most as many again (Receive Maximum). On 3.1.1 the broker's
            own limit of unconfirmed messages holds instead.
        on_event: is given each event before it is acknowledged; has to be quick and, if events
            matter, to write durably.
        on_picture: is given each picture that was held when its sample came, likewise. Without it
            they are not acknowledged, and the devices keep them.
        manifests: knows, after a restart too, of whose samples pictures may still come.

    Raises:
        WireError: a name is no id.
        CredentialsError: a file of `broker` cannot be used.
    """
    from gleancam_upstream.connection import Connection

    wanted = wanted_cameras(cameras)
    reception = Reception((prefix, site, consumer), seen, wanted, manifests)
    connection = Connection(
        broker,
        f"gleancam-{site}-{consumer}",
        filters=reception.filters,
        hello=lambda: reception.presence(online=True),
        will=lambda: reception.presence(online=False),
        receive_maximum=2 * at_most,
    )
    return SampleStream(
        connection, reception, seen, at_most=at_most, on_event=on_event, on_picture=on_picture
    )
