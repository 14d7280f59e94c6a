"""What a committee says about one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gleancam_engines.voting.label import Label


@dataclass(frozen=True, slots=True)
class Verdict:
    """Labels, and what was not made into one.

    Attributes:
        labels: best score first; the order depends on neither file nor model order.
        degraded_quorum: a member that is configured for this frame timed out or failed.
        unmapped: how many boxes of each (member id, name) no canonical class stands for.
        dropped: how many were not voted on, by reason: `not_finite`; `score` (outside 0…1, or
            none); `empty` (nothing of the box lies in the frame, or its corners are reversed);
            `limit` (more boxes of one member and class than are compared). Boxes below a class's
            confidence, and those that a better box of their member suppressed, are not counted:
            that is the ordinary course.
    """

    labels: tuple[Label, ...]
    degraded_quorum: bool
    unmapped: Mapping[tuple[str, str], int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
