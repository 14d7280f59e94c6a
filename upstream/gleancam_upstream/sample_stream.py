"""Verified samples as an asynchronous iterator, with answers: see `consume.consume`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias, final

from gleancam.wire.address import Address
from gleancam.wire.message import Message
from gleancam.wire.sample_data import SampleData
from gleancam_upstream.arrivals import EventArrived, PictureArrived, SampleArrived
from gleancam_upstream.counts import Counts
from gleancam_upstream.reception import Reception
from gleancam_upstream.seen import Seen

if TYPE_CHECKING:
    from gleancam_upstream.connection import Connection

AT_MOST = 32
OnEvent: TypeAlias = Callable[[EventArrived], None]
OnPicture: TypeAlias = Callable[[PictureArrived], None]


def pass_over(_event: EventArrived) -> None:
    """Do nothing with an event; it is acknowledged."""


@final
class Sample:
    """A verified sample that waits for its answer.

    Attributes:
        data: the manifest.
        raw: the manifest's JSON, as it came.
        image: JPEG; None while the device holds it (`fetch-sample`).
        address: where it came from.
    """

    def __init__(self, arrived: SampleArrived, stream: SampleStream) -> None:
        self._arrived, self._stream = arrived, stream
        self.data: SampleData = arrived.data
        self.raw: bytes = arrived.raw
        self.image: bytes | None = arrived.image
        self.address: Address = arrived.address

    @property
    def sample_id(self) -> str:
        """What it is deduplicated by."""
        return self.data.sample_id

    async def ack(self) -> None:
        """Tell the device that this sample is safe; once more does no harm.

        Raises:
            OSError: it could not be remembered, and nothing was said.
        """
        await self._stream.answer(self._arrived, None)

    async def reject(self, why: str) -> None:
        """Tell the device never to send this sample again; `why` is for people."""
        await self._stream.answer(self._arrived, why)


@final
class SampleStream:
    """See `consume.consume`; an asynchronous context manager and iterator of one event loop.

    Attributes:
        counts: what came so far.
    """

    def __init__(
        self,
        connection: Connection,
        reception: Reception,
        seen: Seen,
        *,
        at_most: int,
        on_event: OnEvent,
        on_picture: OnPicture | None = None,
    ) -> None:
        self.counts: Counts = reception.counts
        self._connection, self._reception, self._seen = connection, reception, seen
        self._at_most, self._on_event, self._on_picture = at_most, on_event, on_picture
        self._waiting: deque[SampleArrived] = deque()
        self._unanswered: set[str] = set()
        self._changed = asyncio.Event()
        self._remembering = asyncio.Lock()
        self._answers: set[asyncio.Task[None]] = set()

    @property
    def online(self) -> bool:
        """Whether there is a session and devices know it."""
        return self._connection.online

    @property
    def trouble(self) -> str:
        """Why there is no session; empty while all is well. Connecting is tried again and again."""
        return self._connection.trouble

    async def __aenter__(self) -> SampleStream:
        from gleancam_upstream.async_link import AsyncLink

        self._link = AsyncLink(self._connection)
        self._pump = asyncio.create_task(self._run())
        self._pump.add_done_callback(lambda _: self._changed.set())
        return self

    async def __aexit__(self, *exception: object) -> None:
        await asyncio.gather(*self._answers, return_exceptions=True)
        self._pump.cancel()
        await asyncio.wait([self._pump])
        last = self._reception.presence(online=False)
        await asyncio.to_thread(self._connection.close, last)

    def __aiter__(self) -> SampleStream:
        return self

    async def __anext__(self) -> Sample:
        """Return the next sample, waiting until there is one and few enough are unanswered.

        Raises:
            BrokerRefusedError: the broker does not let us in.
            CredentialsError: a file of the broker cannot be used.
            OSError: an event could not be remembered.
        """
        while not (self._waiting and len(self._unanswered) < self._at_most):
            if self._pump.done():
                self._pump.result()
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        arrived = self._waiting.popleft()
        self._unanswered.add(arrived.parcel_id)
        return Sample(arrived, self)

    async def answer(self, sample: SampleArrived, why: str | None) -> None:
        """Acknowledge, or reject where there is a `why`; goes on to its end when cancelled."""
        task = asyncio.create_task(self._answer(sample, why))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)
        await asyncio.shield(task)

    async def _answer(self, sample: SampleArrived, why: str | None) -> None:
        if why is None:
            await self._remember(sample.parcel_id)
            self._publish(self._reception.acknowledge((sample,)))
        else:
            self._publish(self._reception.reject(sample, why))
        self._unanswered.discard(sample.parcel_id)
        self._hold_back()
        self._link.nudge()
        self._changed.set()

    async def _remember(self, parcel_id: str) -> None:
        """Write on a thread: a flush takes a disk's time."""
        async with self._remembering:
            await asyncio.to_thread(self._seen.add, [parcel_id])

    async def _run(self) -> None:
        while True:
            arrivals, answers = self._reception.take(await self._link.next())
            self._publish(answers)
            self._connection.unsubscribe(self._reception.strays())
            for arrival in arrivals:
                if isinstance(arrival, SampleArrived):
                    self._waiting.append(arrival)
                elif isinstance(arrival, EventArrived):
                    self._on_event(arrival)
                    await self._accept(arrival)
                elif isinstance(arrival, PictureArrived) and self._on_picture is not None:
                    self._on_picture(arrival)
                    await self._accept(arrival)
            self._hold_back()
            self._changed.set()

    async def _accept(self, parcel: EventArrived | PictureArrived) -> None:
        await self._remember(parcel.parcel_id)
        self._publish(self._reception.acknowledge((parcel,)))

    def _hold_back(self) -> None:
        """Let the broker send on only while there is room."""
        full = len(self._waiting) + len(self._unanswered) >= self._at_most
        self._connection.withholding = full

    def _publish(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._connection.publish(message)
