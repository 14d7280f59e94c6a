"""Asks one device for a configuration and listens to what it reports."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics
from gleancam.wire.twin import DesiredData, ReportedData, desired_message, parse_reported
from gleancam_upstream.broker import Broker
from gleancam_upstream.errors import NoBrokerError

POLL_S = 0.2


def reports(
    broker: Broker, topics: Topics, wish: DesiredData | None, *, wait_s: float
) -> Iterator[ReportedData]:
    """Ask for `wish`, if there is one, and yield what the device reports within `wait_s`.

    The first report is mostly the one the broker had kept.

    Raises:
        NoBrokerError: there was no connection within `wait_s`.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
        CredentialsError: a file of `broker` cannot be used.
        WireError: `wish` is larger than a device takes.
    """
    from gleancam_upstream.connection import Connection

    message = None if wish is None else desired_message(topics, wish)
    connection = Connection(
        broker,
        f"gleancam-desired-{uuid.uuid4().hex[:12]}",
        filters=(topics.reported,),
        hello=None if message is None else lambda: message,
        lasting=False,
    )
    deadline, was_online = time.monotonic() + wait_s, False
    try:
        while time.monotonic() < deadline:
            for received in connection.poll(POLL_S):
                if (report := _report(received.payload)) is not None:
                    yield report
            was_online = was_online or connection.online
    finally:
        connection.close()
    if not was_online:
        raise NoBrokerError(
            f"no connection to {broker.host}:{broker.port}: {connection.trouble}",
            cure="check --host and --port, and that the broker runs",
        )


def settled(report: ReportedData, number: int) -> bool | None:
    """Whether version `number` is confirmed (True) or refused (False); None while it is neither."""
    if report.refused is not None and report.refused.version == number:
        return False
    return True if (report.state, report.version) == ("confirmed", number) else None


def _report(payload: bytes) -> ReportedData | None:
    try:
        return parse_reported(payload)
    except WireError:
        return None  # whoever may write there may write nonsense
