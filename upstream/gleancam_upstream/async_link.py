"""A connection driven by an event loop: no thread but for the blocking part of connecting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, final

from gleancam_upstream.received import Received

if TYPE_CHECKING:
    from gleancam_upstream.connection import Connection  # paho enters with it

TICK_S = 1.0
"""The longest that paho is left alone: it looks after keepalive."""


@final
class AsyncLink:
    """Waits for the socket with `add_reader` and `add_writer`, as paho's documentation shows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wake = asyncio.Event()

    def nudge(self) -> None:
        """Say that the connection has something to do: it was published, or is confirmed."""
        self._wake.set()

    async def next(self) -> tuple[Received, ...]:
        """Return what has come, perhaps nothing; connects, and connects again, by itself.

        Raises:
            BrokerRefusedError: the broker does not let us in, or not subscribe.
            CredentialsError: a file of the broker cannot be used.
        """
        if self._connection.descriptor is None:
            await asyncio.sleep(self._connection.wait_s())
            await self._connect()
        if (descriptor := self._connection.descriptor) is None:
            return ()
        if not self._connection.pending:
            await self._until_ready(descriptor)
        return self._connection.turn(0.0)

    async def _connect(self) -> None:
        """Connect on a thread; cancelled, wait until that thread has let go."""
        connecting = asyncio.ensure_future(asyncio.to_thread(self._connection.connect))
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            await asyncio.wait([connecting])
            raise

    async def _until_ready(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, self._wake.set)
        if self._connection.wants_to_write:
            loop.add_writer(descriptor, self._wake.set)
        # No `wait_for`: until Python 3.12 it swallows a cancellation that comes with the event.
        tick = loop.call_later(TICK_S, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            tick.cancel()
            loop.remove_reader(descriptor)
            loop.remove_writer(descriptor)
            self._wake.clear()
