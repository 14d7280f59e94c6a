"""Days of a fixed camera as embeddings: light that turns, visits, storms, a knock; nothing real.

A visit is of a type; types of one category resemble each other. A frame shows its cluster (pose of
the camera and type of visit) when the visit fills at least `_SHOWN` of its size. Idle frames come
every ten seconds, as through the change gate, others every second.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

DAY_S = 86_400
_DIMENSIONS = 64
_CATEGORIES = 12
_SHOWN = 0.5
_IDLE_EVERY_S = 10


@dataclass(frozen=True)
class Kind:
    """What sort of day it is.

    Attributes:
        visits: how many, about.
        types: different visits there may be.
        busy: (first, last) second of the day between which nine of ten visits fall.
        storm: hours of wind, in which everything moves and little is new.
        bursts: visits that come in one hour besides, for each such hour.
        moved: seconds at which the camera is knocked.
        drift: how far the light turns the picture, in radians.
        turns: how often a day it does so.
        noise: of the sensor: its square is the cosine distance of idle frames.
    """

    visits: int = 600
    types: int = 250
    busy: tuple[int, int] = (6 * 3600, 20 * 3600)
    storm: float = 0.0
    bursts: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    drift: float = 0.6
    turns: int = 1
    noise: float = 0.17


@dataclass(frozen=True)
class Day:
    """One camera's embedded frames.

    Attributes:
        seconds: `(N,)` int64, ascending.
        embeddings: `(N, D)` float32 of norm 1.
        still: `(N,)` bool, nothing has changed since the frame before.
        cluster: `(N,)` int64, what the frame shows; -1 for nothing in particular.
    """

    seconds: npt.NDArray[np.int64]
    embeddings: Float32Array
    still: npt.NDArray[np.bool_]
    cluster: npt.NDArray[np.int64]


class World:
    """What stays the same from day to day: the scene, its light and the types of visits."""

    def __init__(self, seed: int, kind: Kind) -> None:
        self._rng = np.random.default_rng(seed)
        self._kind = kind
        self._poses = self._directions(8)
        self._pose = 0
        self._light = self._directions(1)[0]
        category = self._directions(_CATEGORIES)
        own = self._directions(kind.types)
        belongs = self._rng.integers(0, _CATEGORIES, kind.types)
        self._types = _unit(0.8 * category[belongs] + 0.6 * own)
        # Zipf's law: a few types come all the time, most of them once.
        odds = 1 / (1 + np.arange(kind.types)) ** 0.8
        self._odds = odds / odds.sum()

    def day(self, kind: Kind | None = None) -> Day:
        """The next day; of another kind, but with the same types, when one is given."""
        self._kind = kind = kind or self._kind
        rng = self._rng
        size, type_, wander = self._visits()
        pose = np.full(DAY_S, self._pose)
        for second in kind.moved:
            self._pose = (self._pose + 1) % len(self._poses)
            pose[second:] = self._pose
        wind = self._wind()
        active = (size > 0) | wind
        looked = active | (np.arange(DAY_S) % _IDLE_EVERY_S == 0)
        at = np.flatnonzero(looked)
        turn = kind.drift * np.sin(2 * np.pi * kind.turns * at / DAY_S)
        picture = self._poses[pose[at]] + turn[:, None] * self._light
        picture = picture + size[at, None] * (self._types[type_[at]] + wander[at])
        noise = kind.noise / np.sqrt(_DIMENSIONS) * rng.normal(size=(len(at), _DIMENSIONS))
        noise *= np.where(wind[at], 2.0, 1.0)[:, None]
        shown = size[at] >= _SHOWN * np.maximum(1e-9, self._full[at])
        cluster = np.where(shown & (size[at] > 0), pose[at] * kind.types + type_[at], -1)
        moving = np.diff(active[at].astype(np.int64), prepend=0) != 0
        still = ~active[at] & ~moving
        still &= np.diff(pose[at], prepend=pose[0]) == 0
        return Day(at, _unit(picture + noise).astype(np.float32), still, cluster)

    def _visits(
        self,
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Size, type and wander of whatever is in the picture, at every second of the day."""
        kind, rng = self._kind, self._rng
        size, type_ = np.zeros(DAY_S), np.zeros(DAY_S, np.int64)
        full = np.zeros(DAY_S)
        wander = np.zeros((DAY_S, _DIMENSIONS))
        for start in self._starts():
            length = int(np.clip(rng.lognormal(np.log(20), 0.8), 4, 900))
            span = slice(start, min(start + length, DAY_S))
            count = span.stop - span.start
            way = np.minimum(np.arange(count) + 1, np.arange(count)[::-1] + 1) / 3
            full[span] = rng.uniform(0.6, 1.0)
            size[span] = full[span] * np.minimum(1.0, way)
            type_[span] = rng.choice(kind.types, p=self._odds)
            steps = rng.normal(size=(count, _DIMENSIONS)) * 0.06 / np.sqrt(_DIMENSIONS)
            offset = rng.normal(size=_DIMENSIONS) * 0.2 / np.sqrt(_DIMENSIONS)
            wander[span] = offset + np.cumsum(steps, axis=0)
        self._full = full
        return size, type_, wander

    def _starts(self) -> npt.NDArray[np.int64]:
        kind, rng = self._kind, self._rng
        by_day = rng.uniform(*kind.busy, rng.poisson(0.9 * kind.visits))
        any_time = rng.uniform(0, DAY_S, rng.poisson(0.1 * kind.visits))
        bursts = [rng.uniform(0, 3600, visits) + rng.uniform(*kind.busy) for visits in kind.bursts]
        starts = np.concatenate([by_day, any_time, *bursts])
        return np.sort(starts[starts < DAY_S - 4]).astype(np.int64)

    def _wind(self) -> npt.NDArray[np.bool_]:
        blows = np.zeros(DAY_S, bool)
        if self._kind.storm:
            start = int(self._rng.uniform(0, DAY_S / 2))
            blows[start : start + int(3600 * self._kind.storm)] = True
        return blows

    def _directions(self, count: int) -> npt.NDArray[np.float64]:
        return _unit(self._rng.normal(size=(count, _DIMENSIONS)))


def part(day: Day, first_s: int, last_s: int) -> Day:
    """The frames of a day from one second to before another."""
    inside = (day.seconds >= first_s) & (day.seconds < last_s)
    return Day(day.seconds[inside], day.embeddings[inside], day.still[inside], day.cluster[inside])


def across(first: Day, second: Day, at_s: int) -> Day:
    """The 24 hours from `at_s` of one day to the same time of the next."""
    late, early = part(first, at_s, DAY_S), part(second, 0, at_s)
    return Day(
        np.concatenate([late.seconds - at_s, early.seconds + DAY_S - at_s]),
        np.concatenate([late.embeddings, early.embeddings]),
        np.concatenate([late.still, early.still]),
        np.concatenate([late.cluster, early.cluster]),
    )


def k_center(day: Day, count: int, known: Float32Array | None = None) -> npt.NDArray[np.int64]:
    """Choose `count` frames of a whole day greedily, each the farthest from those before.

    Gonzalez 1985: within twice the radius of the best choice. It knows the future.

    Args:
        known: `(K, D)` embeddings that are there already; without any, it begins with frame 0.
    """
    nearest = np.full(len(day.seconds), np.inf, np.float32)
    for embedding in () if known is None else known:
        nearest = np.minimum(nearest, 1 - day.embeddings @ embedding)
    chosen: list[int] = []
    while len(chosen) < min(count, len(nearest)):
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, 1 - day.embeddings @ day.embeddings[chosen[-1]])
    return np.array(chosen)


def coverage(day: Day, kept: npt.NDArray[np.int64], known: Collection[int] = ()) -> float:
    """Share of the day's clusters that a kept frame shows, or that were `known` before."""
    true = set(day.cluster.tolist()) - {-1}
    shown = {*day.cluster[kept].tolist(), *known}
    return len(shown & true) / max(1, len(true))


def _unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    scaled: npt.NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled
