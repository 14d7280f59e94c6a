"""What of a dataset is to be exported, as the command line says it."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.wire.sample_data import LabelData
from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.picture import is_box
from gleancam_upstream.exporting.splits import WHOLE, Shares

STATES = ("generated", "promoted", "approved", "discarded")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which labels, and how pictures are split.

    Attributes:
        min_score: labels with a lower score stay behind, 0…1.
        states: labels in another state stay behind; empty: only the discarded do.
    """

    min_score: float = 0.0
    states: frozenset[str] = frozenset()
    splits: Shares = WHOLE

    def refusal(self, label: LabelData) -> str:
        """Return why a label stays behind, in a word or two; empty where it does not."""
        if not is_box(label):
            return "encloses nothing"
        if label.status not in self.states if self.states else label.status == "discarded":
            return f"is {label.status}"
        return "score too low" if label.score < self.min_score else ""


def parsed_states(text: str) -> frozenset[str]:
    """Read `promoted,approved`; an empty text is all but the discarded.

    Raises:
        ExportError: there is no such state.
    """
    states = frozenset(part.strip() for part in text.split(",")) if text else frozenset()
    if unknown := sorted(states - set(STATES)):
        raise ExportError(
            f"--state {text!r}: there is no {', '.join(unknown)}",
            cure=f"choose from {', '.join(STATES)}",
        )
    return states
