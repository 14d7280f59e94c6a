"""A guess that the scene changed; embeddings confirm or drop it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple, Protocol

from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array


class Kind(str, Enum):
    """How one scene gives way to another."""

    CUT = "cut"
    GRADUAL = "gradual"


class Moment(NamedTuple):
    """When a picture was taken, on both clocks, in nanoseconds."""

    captured_ns: int
    mono_ns: int

    @classmethod
    def of(cls, thumbnail: Thumbnail) -> Moment:
        """Give the moment of a thumbnail."""
        return cls(thumbnail.captured_ns, thumbnail.mono_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """One guess.

    Attributes:
        before: the last picture of the old scene.
        start: the first that is no longer only the old scene.
        end: the last of the transition; `start` itself for a cut.
        difference: grey levels between the pictures on both sides; the stronger guess dates.
        old: thumbnail of the old scene, with which the new is still to be compared; None where
            that was done.
        least_distance: cosine distance that it needs, if that is more than the usual threshold.
    """

    kind: Kind
    before: Moment
    start: Moment
    end: Moment
    difference: float
    old: Float32Array | None = None
    least_distance: float = 0.0


class Proposer(Protocol):
    """Finds one kind of change in a stream of thumbnails."""

    def propose(self, thumbnail: Thumbnail, *, blank: bool) -> Proposal | None:
        """Look at the next thumbnail, and whether it is blank."""


def merged(first: Proposal, second: Proposal) -> Proposal:
    """One guess of two that are too close to be told apart; the first knows the old scene.

    Two guesses about the same stretch are one transition, and the one that begins earlier saw all
    of it. Of two that follow each other the stronger dates the change: a flash of light is two
    steps with the same picture on both sides.
    """
    if second.before.mono_ns < first.end.mono_ns:
        return min(first, second, key=lambda guess: guess.start.mono_ns)
    stronger = second if second.difference > first.difference else first
    return replace(stronger, before=first.before, old=first.old)
