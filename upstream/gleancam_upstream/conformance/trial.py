"""What every trial is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gleancam.wire.topics import Topics
from gleancam_upstream.broker import Broker


@dataclass(frozen=True)
class Trial:
    """Where, whom, and how long.

    Attributes:
        topics: of the device: the one that is played, or the one that is watched.
        patience_s: the longest wait for each thing that has to happen.
        kill: ends what is tried at once, as a power cut would; None: its will is not tried.
        say: is told what is being done, for people.
        consumer: which one is tried, or which name to bear; empty: any that is online.
        capture: ask the device for samples by `capture-now`.
    """

    broker: Broker
    topics: Topics
    patience_s: float
    kill: Callable[[], None] | None = None
    say: Callable[[str], None] = lambda _: None
    consumer: str = ""
    capture: bool = False

    @property
    def quiet_s(self) -> float:
        """How long to wait for what must not happen: a fifth of the patience."""
        return self.patience_s / 5

    @property
    def glance_s(self) -> float:
        """How long to wait for what a broker keeps: it sends that at once."""
        return min(1.0, self.quiet_s)
