"""Many labels at once: what those made one by one are, in a quarter of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gleancam_engines.voting.label import Label


@dataclass(slots=True)
class _Open:
    """A label that is being written: the same fields, without the check that nobody writes to it.

    A frozen dataclass takes four times as long to set a field.
    """

    xyxy: tuple[float, float, float, float]
    class_name: str
    score: float
    votes: int
    voters: tuple[str, ...]
    eligible: int
    mean_iou: float
    score_max: float
    risk: float
    bald: float | None
    entropy: float | None
    loc_spread: float
    degraded_quorum: bool
    class_conflict: bool
    status: str = "generated"


def labels_of(columns: Sequence[Sequence[object]]) -> tuple[Label, ...]:
    """Make labels of the columns of their attributes, up to `class_conflict`, in that order."""
    labels: list[Label] = []
    for opened in map(_Open, *columns):
        opened.__class__ = Label  # type: ignore[assignment]  # closes it
        labels.append(opened)  # type: ignore[arg-type]
    return tuple(labels)
