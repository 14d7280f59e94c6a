"""A backlog of many small parcels: how soon it opens, begins to leave, and what the drain takes."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from bench.delivery_consumer import FirstSample
from bench.delivery_device import delivering
from bench.delivery_load import SPOOL_BYTES, fill, parcels
from gleancam.spool.queue import Spool

IMAGE_BYTES, MANIFEST_BYTES = 3000, 1000
SETTLED = 0.1
"""After so much of the drain, whatever memory is needed has been taken."""
DRAIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """`open_s` is the median of `runs`; first samples, from CONNACK on, are the worst of them."""

    rows: int
    runs: int
    open_s: float
    first_puback_s: float
    first_ingest_s: float
    rows_per_s: float
    rss_settled_mb: float
    rss_most_mb: float
    rss_end_mb: float


def backlog(port: int, folder: Path, rows: int, runs: int) -> Backlog:
    """Measure all of it on one spool."""
    path = folder / "spool.db"
    fill(path, parcels(rows, IMAGE_BYTES, MANIFEST_BYTES))
    opened = [_open_s(path) for _ in range(runs)]
    first_puback_s = max(_first_s(path, port, "puback") for _ in range(runs))
    first_ingest_s = max(_first_s(path, port, "ingest") for _ in range(runs))
    per_s, memory = _drain(path, port)
    settled = memory[int(SETTLED * len(memory)) :]
    return Backlog(
        rows,
        runs,
        median(opened),
        first_puback_s,
        first_ingest_s,
        per_s,
        settled[0],
        max(settled),
        settled[-1],
    )


def _open_s(path: Path) -> float:
    began = time.perf_counter()
    spool = Spool.open(path, SPOOL_BYTES, 0)
    took_s = time.perf_counter() - began
    spool.close()
    return took_s


def _first_s(path: Path, port: int, confirm: Literal["puback", "ingest"]) -> float:
    """Return the seconds from CONNACK to the first sample at a consumer who was there before."""
    with (
        closing(Spool.open(path, SPOOL_BYTES, 0)) as spool,
        FirstSample(port) as consumer,
        delivering(spool, port, 1 << 62, confirm) as tally,
    ):
        return consumer.wait() - tally.connected_s


def _drain(path: Path, port: int) -> tuple[float, list[float]]:
    """Return rows a second, and this process's RSS in MB, sampled all the time."""
    memory: list[float] = []
    with closing(Spool.open(path, SPOOL_BYTES, 0)) as spool:
        rows = spool.found
        with delivering(spool, port, rows) as tally:
            deadline = time.monotonic() + DRAIN_S
            while not tally.done.wait(0.25):
                assert time.monotonic() < deadline
                memory.append(_rss_mb())
            memory.append(_rss_mb())
    return rows / (tally.done_s - tally.connected_s), memory


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
