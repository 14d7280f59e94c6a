"""What is read every few seconds: /proc, the daemon's metrics, the spool's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gleancam.demo.counts import Counts

SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Process:
    """One process now: memory in MB, open descriptors, threads."""

    rss_mb: float
    descriptors: int
    threads: int


def process(pid: int) -> Process:
    """Read /proc.

    Raises:
        OSError: there is no such process.
    """
    folder = Path("/proc") / str(pid)
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return Process(
        rss_mb=int(status["VmRSS"].split()[0]) * 1024 / 1e6,
        descriptors=sum(1 for _ in (folder / "fd").iterdir()),
        threads=int(status["Threads"]),
    )


def spool_mb(path: Path) -> float:
    """Return the size of a spool's files: database, log, index of the log."""
    files = (path.with_name(path.name + end) for end in ("", "-wal", "-shm"))
    return sum(file.stat().st_size for file in files if file.exists()) / 1e6


def latency_buckets(counts: Counts) -> dict[float, int]:
    """Return the daemon's histogram from capture to acknowledgement: upper edge to count so far."""
    found = counts.by("delivery_age_seconds_bucket", "le")
    return {float(edge): count for edge, count in found.items()}


def quantile(before: Mapping[float, int], now: Mapping[float, int], share: float) -> float | None:
    """Return a quantile of what came between two readings, interpolated within its bucket.

    None when nothing came.
    """
    edges = sorted(now)
    came = [now[edge] - before.get(edge, 0) for edge in edges]
    if not came or came[-1] == 0:
        return None
    wanted, low, below = share * came[-1], 0.0, 0
    for edge, count in zip(edges, came, strict=True):
        if count >= wanted and count > below:
            if edge == float("inf"):
                return low
            return low + (edge - low) * (wanted - below) / (count - below)
        low, below = edge, count
    return low
