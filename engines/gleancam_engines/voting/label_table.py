"""Many labels at once: as equal, frozen and typed as those made one by one, in a fifth of the time."""

from __future__ import annotations

from collections.abc import Sequence

from gleancam_engines.voting.label import Label


class _Open(Label):
    """A label that is being written: it lacks the check that nobody writes to it.

    What a frozen dataclass does to set a field costs four times as much as setting it.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__  # one without the other would not be faster

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        xyxy: tuple[float, float, float, float],
        class_name: str,
        score: float,
        votes: int,
        voters: tuple[str, ...],
        eligible: int,
        mean_iou: float,
        score_max: float,
        risk: float,
        bald: float | None,
        entropy: float | None,
        loc_spread: float,
        degraded_quorum: bool,  # noqa: FBT001
        class_conflict: bool,  # noqa: FBT001
    ) -> None:
        self.xyxy = xyxy
        self.class_name = class_name
        self.score = score
        self.votes = votes
        self.voters = voters
        self.eligible = eligible
        self.mean_iou = mean_iou
        self.score_max = score_max
        self.risk = risk
        self.bald = bald
        self.entropy = entropy
        self.loc_spread = loc_spread
        self.degraded_quorum = degraded_quorum
        self.class_conflict = class_conflict
        self.status = "generated"


def labels_of(columns: Sequence[Sequence[object]]) -> tuple[Label, ...]:
    """Make labels of the columns of their attributes, up to `class_conflict`, in that order."""
    labels = tuple(map(_Open, *columns))
    for label in labels:
        label.__class__ = Label  # closes it: both hold the same and nothing else
    return labels
