"""The loop of `gleancam-upstream consume`: receive, write, acknowledge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gleancam_upstream.arrivals import SampleArrived
from gleancam_upstream.consume import Consumer
from gleancam_upstream.dataset import FolderDataset

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Until:
    """When to end by itself; None is never.

    Attributes:
        samples: this many were written.
        idle_s: nothing came for this long while online.
    """

    samples: int | None = None
    idle_s: float | None = None


def ingest(
    consumer: Consumer,
    dataset: FolderDataset,
    until: Until,
    *,
    stopped: Callable[[], bool],
    progress: Callable[[], None],
) -> int:
    """Run until `stopped` or `until`; return how many samples were written.

    Raises:
        BrokerRefusedError: the broker does not let us in.
        OSError: the folder cannot be written.
    """
    written, last = 0, time.monotonic()
    while not stopped():
        arrivals = consumer.receive(POLL_S)
        safe = dataset.write(arrivals)
        consumer.ack(*safe)
        written += sum(isinstance(one, SampleArrived) for one in safe)
        progress()
        if arrivals or not consumer.online:
            last = time.monotonic()
        if _done(until, written, time.monotonic() - last):
            break
    return written


def _done(until: Until, written: int, idle_s: float) -> bool:
    enough = until.samples is not None and written >= until.samples
    return enough or (until.idle_s is not None and idle_s >= until.idle_s)
