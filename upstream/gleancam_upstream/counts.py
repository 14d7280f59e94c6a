"""What a consumer has seen, by kind of message."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

KINDS = ("sample", "image", "event", "status", "camera_status", "info", "unknown")
PROBLEMS = 20


@dataclass
class Counts:
    """Counters of one run; each message is counted once in `messages`.

    Attributes:
        valid: verified; an image when it and its manifest agree.
        duplicates: parcels that were safe already, and their images.
        dropped: halves given up while waiting for the other; the device sends them again.
        problems: the first few reasons for `invalid`.
    """

    messages: Counter[str] = field(default_factory=Counter)
    payload_bytes: Counter[str] = field(default_factory=Counter)
    valid: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    rejected: int = 0
    dropped: int = 0
    waiting_images: int = 0
    waiting_manifests: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether anything was against the contract."""
        return self.invalid.total() > 0

    def problem(self, kind: str, why: str) -> None:
        """Count an invalid message and keep its reason if it is among the first."""
        self.invalid[kind] += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(f"{kind}: {why}")

    def document(self) -> dict[str, object]:
        """Return everything as plain JSON types."""
        by_kind = {
            kind: {
                "messages": self.messages[kind],
                "bytes": self.payload_bytes[kind],
                "valid": self.valid[kind],
                "invalid": self.invalid[kind],
                "duplicates": self.duplicates[kind],
            }
            for kind in KINDS
        }
        single = ("acknowledged", "rejected", "dropped", "waiting_images", "waiting_manifests")
        rest: dict[str, object] = {name: getattr(self, name) for name in single}
        return {"messages": by_kind, **rest, "problems": self.problems}
