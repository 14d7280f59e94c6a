"""The run itself: a whole site, read every few seconds, stopped in order at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation
from gleancam.demo.site import Site
from soak.readings import SHARES, latency_buckets, process, quantile, spool_mb

EVERY_S = 10.0

Reading = dict[str, float | None]


@dataclass
class Soak:
    """One site under watch."""

    site: Site
    _buckets: dict[float, int] = field(default_factory=dict)

    def readings(self, seconds: float) -> Iterator[Reading]:
        """Yield a reading every `EVERY_S` for so long; what could not be read is left out."""
        began = time.monotonic()
        due = began
        while (now := time.monotonic()) - began < seconds:
            self.site.require_alive()
            counts = self.site.counts()
            if counts is not None:
                yield self._read(now - began, counts)
            due += EVERY_S
            time.sleep(max(0.0, due - time.monotonic()))

    def _read(self, at_s: float, counts: Counts) -> Reading:
        buckets = latency_buckets(counts)
        latencies = {
            f"latency p{share * 100:.0f} s": quantile(self._buckets, buckets, share)
            for share in SHARES
        }
        self._buckets = buckets
        daemon, consumer = process(self.site.daemon.pid), process(self.site.consumer_pid)
        waiting = counts.by("spool_parcels", "state")
        return {
            "at_s": at_s,
            "daemon RSS MB": daemon.rss_mb,
            "daemon descriptors": daemon.descriptors,
            "daemon threads": daemon.threads,
            "consumer RSS MB": consumer.rss_mb,
            "consumer descriptors": consumer.descriptors,
            "spool MB": spool_mb(self.site.spool),
            "spool parcels": sum(waiting.values()),
            "decision log MB": counts.total("decisions_bytes") / 1e6,
            **latencies,
            "frames": counts.total("frames_pulled"),
            "embedded": counts.total("frames_embedded"),
            "samples": counts.total("spool_committed", kind="sample"),
        }


def laws(counts: Counts) -> list[str]:
    """Return the daemon's own equations that do not hold."""
    return [str(law) for law in conservation(counts) if not law.holds]


def stored(path: Path) -> list[Reading]:
    """Read what `__main__` wrote."""
    return [json.loads(line) for line in path.read_text().splitlines()]
