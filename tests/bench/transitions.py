"""Films of many shots with one kind of transition between them, and where these are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.score import Stretch
from bench.shots import COLUMNS, FPS, SHOTS, frames, there_and_back
from gleancam.sources.video import VideoFrame
from gleancam_engines.planes import Planes, UInt8Array

_HOLD = 40
"""Frames for which a shot stands alone."""
_BLACK, _WHITE, _NEUTRAL = 16, 235, 128

Mix = Callable[[Planes, Planes, float], Planes]
"""Takes the old picture, the new one and the share of the way, 0…1 exclusive."""


@dataclass(frozen=True)
class Film:
    """All shots in an order drawn by `seed`, each giving way to the next in `length` frames."""

    kind: str
    length: int
    seed: int = 0

    def truth(self) -> list[Stretch]:
        """Where the transitions are: first and last mixed frame, or the cut."""
        starts = (_HOLD + at * (_HOLD + self.length) for at in range(len(SHOTS) - 1))
        return [Stretch(start, start + max(self.length - 1, 0)) for start in starts]

    def play(self, data: Path) -> Iterator[VideoFrame]:
        """All frames in order, at `FPS` a second."""
        for index, planes in enumerate(self._pictures(data)):
            yield VideoFrame(index, index / FPS, planes)

    def _pictures(self, data: Path) -> Iterator[Planes]:
        order = np.random.default_rng(self.seed).permutation(len(SHOTS))
        shots = [_endless(frames(data, SHOTS[at])) for at in order]
        for old, new in zip(shots, [*shots[1:], None], strict=True):
            yield from (next(old) for _ in range(_HOLD))
            if new is not None:
                for step in range(1, self.length + 1):
                    yield MIXES[self.kind](next(old), next(new), step / (self.length + 1))


def _endless(shot: tuple[Planes, ...]) -> Iterator[Planes]:
    for at in there_and_back(len(shot)):
        yield shot[at]


def _dissolve(old: Planes, new: Planes, share: float) -> Planes:
    return _each(lambda a, b: _blend(a, b, share), old, new)


def _through(luma: int) -> Mix:
    def fade(old: Planes, new: Planes, share: float) -> Planes:
        seen, left = (old, 1 - 2 * share) if share < 0.5 else (new, 2 * share - 1)
        y, u, v = (
            _blend(np.full_like(plane, level), plane, left)
            for plane, level in zip(
                (seen.y, seen.u, seen.v), (luma, _NEUTRAL, _NEUTRAL), strict=True
            )
        )
        return Planes(y, u, v, new.colorimetry).read_only()

    return fade


def _wipe(old: Planes, new: Planes, share: float) -> Planes:
    def wiped(a: UInt8Array, b: UInt8Array) -> UInt8Array:
        edge = round(share * COLUMNS) * a.shape[1] // COLUMNS
        return np.concatenate([b[:, :edge], a[:, edge:]], axis=1)

    return _each(wiped, old, new)


def _each(mix: Callable[[UInt8Array, UInt8Array], UInt8Array], old: Planes, new: Planes) -> Planes:
    pairs = zip((old.y, old.u, old.v), (new.y, new.u, new.v), strict=True)
    y, u, v = (mix(a, b) for a, b in pairs)
    return Planes(y, u, v, new.colorimetry).read_only()


def _blend(a: UInt8Array, b: UInt8Array, share: float) -> UInt8Array:
    mixed = (1 - share) * a.astype(np.float32) + share * b.astype(np.float32)
    return np.asarray(np.rint(mixed), np.uint8)


MIXES: dict[str, Mix] = {
    "dissolve": _dissolve,
    "black": _through(_BLACK),
    "white": _through(_WHITE),
    "wipe": _wipe,
}
