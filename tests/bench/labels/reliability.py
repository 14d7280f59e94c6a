"""Are labels of probability p right p of the time, on images that the calibration has not seen?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bench.labels.boxes import Floats, Integers
from bench.labels.evaluator import Booleans
from gleancam_engines.voting.calibration import Calibration
from gleancam_upstream.calibrating.judged import Judged

REPEATS = 20
SEED = 7

Fit: TypeAlias = Callable[[Judged], Calibration]


@dataclass(frozen=True, slots=True)
class Bin:
    """Labels whose probability lies in one tenth: their number, its mean, how many are right."""

    count: int
    probability: float
    right: float


def halves(images: int, repeats: int = REPEATS, seed: int = SEED) -> Iterator[Integers]:
    """Give each image a side, 0 or 1, half of them each, again and again."""
    rng = np.random.default_rng(seed)
    for _ in range(repeats):
        yield rng.permutation(np.arange(images) % 2)


def out_of_fold(judged: Judged, side: Integers, fit: Fit) -> Floats:
    """Return `(N,)` probabilities, each by a calibration fitted on the other half of the images."""
    found = np.empty(len(judged))
    for one in (0, 1):
        here = side[judged.image] == one
        tested = judged.where(here)
        calibration = fit(judged.where(~here))
        found[here] = calibration.calibrated(tested.class_name.tolist(), tested.score)
    return found


def diagram(probability: Floats, right: Booleans, bins: int = 10) -> list[Bin]:
    """Return equal bins of the probability; of an empty one, NaN."""
    at = np.minimum((probability * bins).astype(np.int64), bins - 1)
    return [_bin(probability[at == one], right[at == one]) for one in range(bins)]


def _bin(probability: Floats, right: Booleans) -> Bin:
    if not len(right):
        return Bin(0, float("nan"), float("nan"))
    return Bin(len(right), float(probability.mean()), float(right.mean()))
