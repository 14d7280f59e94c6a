"""A TCP proxy before the broker that is slow, or cuts a connection in the middle of a message."""

from __future__ import annotations

import asyncio
import threading

CHUNK_BYTES = 1000


class Proxy:
    """Listens on a port of its own, in a thread of its own.

    Attributes:
        port: where it listens.
        bytes_per_s: each way and connection; 0 is no limit.
        cut_after_bytes: the next connection to carry so many bytes upwards is reset there.
        cuts: how often that happened.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.port = 0
        self.bytes_per_s = 0
        self.cut_after_bytes: int | None = None
        self.cuts = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Reset every connection and end."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, up: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        try:
            down, broker = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            to.transport.abort()
            return
        ways = [
            asyncio.ensure_future(self._carry(up, broker, upwards=True)),
            asyncio.ensure_future(self._carry(down, to, upwards=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to.transport.abort()
            broker.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, upwards: bool
    ) -> None:
        carried = 0
        while chunk := await source.read(CHUNK_BYTES):
            limit = self.cut_after_bytes
            if upwards and limit is not None and carried + len(chunk) > limit:
                sink.write(chunk[: max(0, limit - carried)])
                await sink.drain()
                self.cut_after_bytes = None
                self.cuts += 1
                return
            sink.write(chunk)
            await sink.drain()
            carried += len(chunk)
            if self.bytes_per_s:
                await asyncio.sleep(len(chunk) / self.bytes_per_s)
