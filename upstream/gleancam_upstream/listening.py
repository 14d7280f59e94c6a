"""Says one thing to one device, if anything, and listens for a while to what it says."""

from __future__ import annotations

import time
from collections.abc import Generator

from gleancam.wire.message import Message
from gleancam_upstream.broker import Broker
from gleancam_upstream.errors import NoBrokerError
from gleancam_upstream.received import Received

POLL_S = 0.2


def heard(
    broker: Broker, client_id: str, topic: str, said: Message | None, *, wait_s: float
) -> Generator[Received, None, None]:
    """Say `said` once `topic` is subscribed to, after every cut again, and yield what comes.

    Close it (`contextlib.closing`) when enough was heard.

    Args:
        broker: where.
        client_id: of a session that ends with its connection.
        topic: what to listen to.
        said: what to publish; None: nothing.
        wait_s: for connection and answers together.

    Raises:
        NoBrokerError: there was no connection within `wait_s`.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
        CredentialsError: a file of `broker` cannot be used.
    """
    from gleancam_upstream.connection import Connection

    connection = Connection(
        broker,
        client_id,
        filters=(topic,),
        hello=None if said is None else lambda: said,
        lasting=False,
    )
    deadline, was_online = time.monotonic() + wait_s, False
    try:
        while time.monotonic() < deadline:
            yield from connection.poll(POLL_S)
            was_online = was_online or connection.online
    finally:
        connection.close()
    if not was_online:
        raise NoBrokerError(
            f"no connection to {broker.host}:{broker.port}: {connection.trouble}",
            cure="check --host and --port, and that the broker runs",
        )
