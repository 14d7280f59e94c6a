"""The one table the demo ends with, and the verdict behind its exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from gleancam.demo.counts import Counts
from gleancam.demo.laws import Law, conservation
from gleancam.demo.received import Received


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of one demo.

    Attributes:
        exit_codes: of daemon and consumer.
    """

    counts: Counts
    received: Received
    exit_codes: Mapping[str, int]

    def laws(self) -> tuple[Law, ...]:
        """Return every equation that must hold."""
        spooled = self.counts.by("spool_committed", "kind")
        events = spooled.get("event", 0) + spooled.get("tombstone", 0)
        samples, different = len(self.received.samples), len(set(self.received.samples))
        return (
            *conservation(self.counts),
            Law("samples spooled = delivered", spooled.get("sample", 0), samples),
            Law("events spooled = delivered", events, self.received.events),
            Law(
                "frames embedded = decisions logged + lost",
                self.counts.total("frames_embedded"),
                self.counts.total("decisions_logged", kind="frame")
                + self.counts.total("decisions_lost", kind="frame"),
            ),
            Law("samples delivered once", samples, different),
            Law("messages that failed verification", self.received.invalid, 0),
            *(Law(f"exit code of the {name}", code, 0) for name, code in self.exit_codes.items()),
        )

    def passed(self) -> bool:
        """Whether every law holds and something was kept at all."""
        return bool(self.received.samples) and all(law.holds for law in self.laws())

    def rows(self) -> list[tuple[str, str]]:
        """Return the table's rows as text."""
        counts = self.counts
        sent, whole = counts.total("delivery_bytes"), counts.total("camera_bytes")
        return [
            ("frames seen", _by(counts, "frames_pulled", "camera")),
            ("gated: nothing had changed", _by(counts, "frames_gated", "camera")),
            ("embedded", _by(counts, "frames_embedded", "camera")),
            ("kept", _by(counts, "frames_kept", "reason")),
            ("scene changes", _by(counts, "scene_changes", "camera")),
            ("labels", _by(counts, "labels", "class_name")),
            ("bytes sent / whole stream", f"{sent:,} / {whole:,} = {_share(sent, whole)}"),
            (
                "samples kept = spooled = delivered",
                " = ".join(str(count) for count in self._sample_counts()),
            ),
            ("capture to acknowledgement", _latencies(self.received.latencies_s)),
        ]

    def _sample_counts(self) -> tuple[int, int, int]:
        counts = self.counts
        spooled = counts.total("spool_committed", kind="sample")
        return counts.total("frames_kept"), spooled, len(self.received.samples)

    def as_json(self) -> dict[str, Any]:
        """Return the same for machines."""
        counts = self.counts
        return {
            "frames_seen": counts.by("frames_pulled", "camera"),
            "gated": counts.by("frames_gated", "camera"),
            "embedded": counts.by("frames_embedded", "camera"),
            "kept_by_reason": counts.by("frames_kept", "reason"),
            "scene_changes": counts.by("scene_changes", "camera"),
            "labels_by_class": counts.by("labels", "class_name"),
            "bytes_sent": counts.total("delivery_bytes"),
            "bytes_of_stream": counts.total("camera_bytes"),
            "samples_delivered": len(self.received.samples),
            "latency_p50_s": quantile(self.received.latencies_s, 0.5),
            "latency_p99_s": quantile(self.received.latencies_s, 0.99),
            "laws": {law.name: {"holds": law.holds, "says": str(law)} for law in self.laws()},
            "passed": self.passed(),
        }

    def print(self, console: Console) -> None:
        """Write the table, and below it every law that does not hold."""
        table = Table(title="gleancam demo", show_header=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in self.rows():
            table.add_row(name, value)
        console.print(table)
        for law in self.laws():
            if not law.holds:
                console.print(f"[red]does not add up[/red] {law}")


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` of `values` lie (nearest rank); None for no values."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _by(counts: Counts, name: str, label: str) -> str:
    parts = counts.by(name, label)
    return f"{sum(parts.values())}  ({', '.join(f'{key} {n}' for key, n in parts.items())})"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "unknown"


def _latencies(latencies_s: Sequence[float]) -> str:
    p50, p99 = quantile(latencies_s, 0.5), quantile(latencies_s, 0.99)
    return "none" if p50 is None else f"p50 {p50:.2f} s, p99 {p99:.2f} s"
