"""How fast a backlog of 100 KB pictures leaves, in turn with the bare client on the same broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.delivery_bare import WAIT_S, publish_all
from bench.delivery_device import delivering
from bench.delivery_load import parcels, published, spooled
from gleancam.wire.message import Message

IMAGE_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Drain:
    """One drain: parcels (or lone messages) a second, and this process's CPU time for each."""

    per_s: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Three drains, one after the other.

    Attributes:
        device: of the spool, each parcel freed by the broker's PUBACK.
        bare: the very same messages, picture and manifest, from memory.
        single: the pictures alone, from memory.
    """

    device: Drain
    bare: Drain
    single: Drain

    @property
    def ratio(self) -> float:
        """Of the device's rate to the bare client's with the same messages."""
        return self.device.per_s / self.bare.per_s

    @property
    def single_ratio(self) -> float:
        """Of the device's rate to the bare client's with the pictures alone."""
        return self.device.per_s / self.single.per_s


def rates(port: int, folder: Path, count: int, pairs: int) -> Iterator[Pair]:
    """Measure; who is first changes."""
    messages = published(parcels(count, IMAGE_BYTES))
    for turn in range(pairs):
        if turn % 2:
            device = _device(port, folder, count)
            bare, single = _bare(port, messages, count), _bare(port, messages[::2], count)
        else:
            bare, single = _bare(port, messages, count), _bare(port, messages[::2], count)
            device = _device(port, folder, count)
        yield Pair(device, bare, single)


def _bare(port: int, messages: list[Message], count: int) -> Drain:
    before = time.process_time()
    took_s = publish_all(port, messages)
    return Drain(count / took_s, 1e3 * (time.process_time() - before) / count)


def _device(port: int, folder: Path, count: int) -> Drain:
    with spooled(folder, parcels(count, IMAGE_BYTES)) as spool:
        before = time.process_time()
        with delivering(spool, port, count) as tally:
            assert tally.done.wait(WAIT_S)
            used_s = time.process_time() - before
    return Drain(count / (tally.done_s - tally.connected_s), 1e3 * used_s / count)
