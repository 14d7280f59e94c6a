"""Who may vote: a model, or a test-time variant of one."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """One voter.

    Attributes:
        member_id: `name@sha256[:12]`, with `+hflip` and the like for a variant.
        vocabulary: every class it can emit, by class id.
        weight: above 0.

    Raises:
        ValueError: the weight is not above 0.
    """

    member_id: str
    vocabulary: tuple[str, ...]
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise ValueError(
                f"member {self.member_id}: weight is {self.weight}, but must be above 0; "
                "leave out who shall not count"
            )

    @property
    def model(self) -> str:
        """Give the name that an ontology calls it by: the part of its id before `@`."""
        return self.member_id.partition("@")[0]
