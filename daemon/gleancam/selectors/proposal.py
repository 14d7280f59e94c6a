"""A guess that the scene changed, made from thumbnails alone; embeddings confirm or drop it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from gleancam.types import Thumbnail


class Kind(str, Enum):
    """How one scene gives way to another."""

    CUT = "cut"
    GRADUAL = "gradual"


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """One guess.

    Attributes:
        before: the last thumbnail of the old scene.
        start: the first that is no longer only the old scene.
        end: the last of the transition; `start` itself for a cut.
        difference: grey levels between the thumbnails on both sides; the stronger guess dates.
        structural: whether the thumbnails on both sides still have to be compared.
    """

    kind: Kind
    before: Thumbnail
    start: Thumbnail
    end: Thumbnail
    difference: float
    structural: bool = True


class Proposer(Protocol):
    """Finds one kind of change in a stream of thumbnails."""

    def propose(self, thumbnail: Thumbnail) -> Proposal | None:
        """Look at the next thumbnail."""


def merged(first: Proposal, second: Proposal) -> Proposal:
    """One guess of two that are too close to be told apart; the first knows the old scene.

    Two guesses about the same stretch are one transition, and the one that begins earlier saw all
    of it. Of two that follow each other the stronger dates the change: a flash of light is two
    steps with the same picture on both sides.
    """
    if second.before.mono_ns < first.end.mono_ns:
        return min(first, second, key=lambda guess: guess.start.mono_ns)
    stronger = second if second.difference > first.difference else first
    return replace(stronger, before=first.before)
