"""A connection that keeps all it hears: the ears and the mouth of a trial."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import final

from gleancam.wire.message import Message
from gleancam_upstream.broker import Broker
from gleancam_upstream.errors import NoBrokerError
from gleancam_upstream.received import Received

POLL_S = 0.05
OPEN_S = 10.0


@final
class Tap:
    """Subscribes, and hears in the caller's thread; use it as a context manager.

    Attributes:
        heard: all that came, in order; a trial is bounded in time, and so is this.
    """

    def __init__(self, broker: Broker, *filters: str, will: Message | None = None) -> None:
        from gleancam_upstream.connection import Connection

        self.heard: list[Received] = []
        self._where = f"{broker.host}:{broker.port}"
        self._connection = Connection(
            broker,
            f"gleancam-conformance-{uuid.uuid4().hex[:12]}",
            filters=filters,
            hello=None,
            will=None if will is None else lambda: will,
            lasting=False,
        )

    def __enter__(self) -> Tap:
        """Connect and subscribe.

        Raises:
            NoBrokerError: there is no connection within 10 s.
            BrokerRefusedError: the broker does not let us in, or not subscribe.
        """
        deadline = time.monotonic() + OPEN_S
        while not self._connection.online and time.monotonic() < deadline:
            self.heard += self._connection.poll(POLL_S)
        if not self._connection.online:
            self._connection.close()
            raise self._lost("check --host and --port, and that the broker runs")
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def say(self, *messages: Message) -> None:
        """Publish.

        Raises:
            NoBrokerError: the connection was lost; what was heard so far tells nothing.
        """
        for message in messages:
            if not self._connection.publish(message):
                raise self._lost("run it again")

    def until(self, true: Callable[[], object], timeout_s: float) -> bool:
        """Listen until something is true, and return whether it is.

        Raises:
            NoBrokerError: the connection was lost.
        """
        deadline = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() >= deadline:
                return False
            self.heard += self._connection.poll(POLL_S)
            if not self._connection.online:
                raise self._lost("run it again")
        return True

    def listen(self, for_s: float) -> None:
        """Listen for so many seconds.

        Raises:
            NoBrokerError: the connection was lost.
        """
        self.until(lambda: False, for_s)

    def _lost(self, cure: str) -> NoBrokerError:
        return NoBrokerError(
            f"no connection to {self._where}: {self._connection.trouble}", cure=cure
        )


def retained(broker: Broker, topics: tuple[str, ...], for_s: float) -> dict[str, Received]:
    """Return by topic what the broker keeps of `topics` (filters), and sends a new subscriber.

    Raises:
        NoBrokerError: there is no connection.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
    """
    with Tap(broker, *topics) as tap:
        tap.listen(for_s)
        return {one.topic: one for one in tap.heard if one.retained and one.payload}
