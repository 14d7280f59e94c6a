"""Two policies side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam.decisions.record import LoggedFrame
from gleancam.whatif.allowance import Allowance, allowances
from gleancam.whatif.coverage import Coverage, cover
from gleancam.whatif.rerun import Rerun
from gleancam_engines.planes import Float32Array

Key: TypeAlias = tuple[str, int]
"""A frame's camera and time: what names it under either policy."""


@dataclass(frozen=True, slots=True)
class Side:
    """One policy.

    Attributes:
        name: of its file.
        pictures: frames it was shown before its gate; None where only a log is left.
        kept: rows of `Comparison`'s frames that it kept, ascending.
        wire_bytes: of each of them.
        threshold: the novelty threshold that was searched for; None if none was.
    """

    name: str
    rerun: Rerun
    pictures: int | None
    kept: list[int]
    reasons: list[str]
    wire_bytes: list[int]
    coverage: Coverage
    allowances: list[Allowance]
    threshold: float | None = None

    @property
    def by_reason(self) -> dict[str, int]:
        """How many were kept for each reason."""
        return dict(sorted(Counter(self.reasons).items()))

    @property
    def redundancy(self) -> float:
        """Share of the kept frames with another kept one nearer than the radius, 0…1."""
        return self.coverage.redundant / max(1, len(self.kept))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies over the frames that either embedded, in the order of time.

    Attributes:
        times_ns: `(N,)` int64, UTC.
    """

    name: str
    times_ns: npt.NDArray[np.int64]
    sides: tuple[Side, Side]

    @property
    def both(self) -> int:
        """How many frames both keep."""
        return len(set(self.sides[0].kept) & set(self.sides[1].kept))


@dataclass(frozen=True, slots=True)
class Entrant:
    """A policy's run and what to call it; see `Side`."""

    name: str
    rerun: Rerun
    pictures: int | None = None
    threshold: float | None = None


def compare(name: str, pair: tuple[Entrant, Entrant], radius: float) -> Comparison:
    """Hold two runs over the same frames, or over the same pictures, against each other."""
    frames = {_key(frame): frame for each in pair for frame in each.rerun.frames}
    keys = sorted(frames, key=lambda key: (key[1], key[0]))
    embeddings = np.stack([frames[key].observation.embedding for key in keys])
    cameras = np.array([camera for camera, _ in keys])
    rows = {key: row for row, key in enumerate(keys)}
    first, second = (_side(each, rows, embeddings, cameras, radius) for each in pair)
    return Comparison(name, np.array([at_ns for _, at_ns in keys], np.int64), (first, second))


def _side(
    entrant: Entrant,
    rows: dict[Key, int],
    embeddings: Float32Array,
    cameras: npt.NDArray[np.str_],
    radius: float,
) -> Side:
    rerun = entrant.rerun
    by_row = sorted((rows[_key(rerun.frames[index])], index) for index in rerun.kept)
    kept = [row for row, _ in by_row]
    return Side(
        entrant.name,
        rerun,
        entrant.pictures,
        kept,
        [rerun.decisions[index].reason.value for _, index in by_row],
        [rerun.wire_bytes[index] for _, index in by_row],
        cover(embeddings, cameras, kept, radius),
        allowances(rerun),
        entrant.threshold,
    )


def _key(frame: LoggedFrame) -> Key:
    return frame.observation.camera_id, frame.observation.captured_ns
