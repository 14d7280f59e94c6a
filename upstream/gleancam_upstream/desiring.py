"""Asks one device for a configuration and listens to what it reports."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing

from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics
from gleancam.wire.twin import DesiredData, ReportedData, desired_message, parse_reported
from gleancam_upstream.broker import Broker
from gleancam_upstream.listening import heard


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
    said = None if wish is None else desired_message(topics, wish)
    name = f"gleancam-desired-{uuid.uuid4().hex[:12]}"
    with closing(heard(broker, name, topics.reported, said, wait_s=wait_s)) as came:
        for received in came:
            if (report := _report(received.payload)) is not None:
                yield report


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
