"""A consumer that is online before the device and wants to see the first sample come."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from mqtt_rig import TOPICS, Peer

WAIT_S = 30.0


class FirstSample:
    """Says that it is online, and takes the time of the first manifest; acknowledges nothing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._arrived = threading.Event()
        self._arrived_s = 0.0

    def wait(self) -> float:
        """Return when it came, by `perf_counter`."""
        assert self._arrived.wait(WAIT_S)
        return self._arrived_s

    def __enter__(self) -> FirstSample:  # noqa: PYI034 - Self is of Python 3.11
        self._peer = Peer(self._port, "consumer")
        self._peer.on_sample = self._on_sample
        self._peer.subscribe(f"{TOPICS.root}/cam/+/sample")
        self._say(online=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._say(online=False)
        self._peer.close()

    def _on_sample(self, _sample_id: str) -> None:
        if not self._arrived.is_set():
            self._arrived_s = time.perf_counter()
            self._arrived.set()

    def _say(self, *, online: bool) -> None:
        said: Message = presence_message("gleancam", "depot", "bench", online=online, ts_ns=0)
        self._peer.publish(said)
