"""Where a command is answered: a device lets nobody choose what it publishes to."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.wire.envelope import Envelope
from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics, checked_id, is_id

ANYTHING = "unknown"
"""Where names that are no ids are answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Where the answer goes, and what tells the asker whose it is."""

    topic: str
    correlation: bytes = b""


def reply_for(topics: Topics, name: str, envelope: Envelope, most_correlation_bytes: int) -> Reply:
    """Return where to answer the command `name`.

    A Response Topic is followed when it is the command's own result topic, or that and one id more
    (`…/cmd/pause/result/operator-7`). Any other is passed over: the answer goes to the result
    topic.

    Raises:
        WireError: too much Correlation Data.
    """
    if len(envelope.correlation) > most_correlation_bytes:
        raise WireError(f"Correlation Data is longer than {most_correlation_bytes} bytes")
    own = topics.command_result(name if is_id(name) else ANYTHING)
    return Reply(_within(own, envelope.response_topic), envelope.correlation)


def _within(own: str, wish: str) -> str:
    asker = wish.removeprefix(f"{own}/")
    if asker == wish:
        return own
    return f"{own}/{checked_id(asker)}" if is_id(asker) else own
