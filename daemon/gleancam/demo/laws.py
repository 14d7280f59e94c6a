"""What must add up when a run is over: no frame and no sample goes missing uncounted."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.demo.counts import Counts


@dataclass(frozen=True, slots=True)
class Law:
    """One equation between counts; `left` must equal `right`."""

    name: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left == self.right

    def __str__(self) -> str:
        return f"{self.name}: {self.left} {'=' if self.holds else '≠'} {self.right}"


def conservation(counts: Counts) -> tuple[Law, ...]:
    """Return the laws of one daemon from its start to its end (daemon/README.md)."""
    lost = counts.by("frames_lost", "reason")
    after_pull = sum(
        lost.get(reason, 0) for reason in ("slot_overrun", "failed", "paused", "stopped")
    )
    gated, embedded = counts.total("frames_gated"), counts.total("frames_embedded")
    given_up = counts.by("spool_lost", "reason")
    freed = counts.by("delivery_parcels", "outcome").get("freed", 0)
    waiting = counts.by("spool_parcels", "state")
    return (
        Law(
            "frames produced = pulled + overrun in the appsink",
            counts.total("frames_produced"),
            counts.total("frames_pulled") + lost.get("sink_overrun", 0),
        ),
        Law(
            "frames pulled = gated + embedded + lost",
            counts.total("frames_pulled"),
            gated + embedded + after_pull,
        ),
        Law(
            "frames kept + scene changes = spooled + lost before",
            counts.total("frames_kept") + counts.total("scene_changes"),
            counts.total("spool_committed")
            - counts.total("spool_committed", kind="tombstone")
            + given_up.get("stopped", 0)
            + counts.total("events_lost"),
        ),
        Law(
            "parcels found + spooled = freed + evicted + expired + dead + waiting",
            counts.total("spool_found") + counts.total("spool_committed"),
            freed
            + sum(given_up.get(reason, 0) for reason in ("evicted", "expired", "dead"))
            + sum(waiting.get(state, 0) for state in ("ready", "inflight", "sent", "held")),
        ),
    )
