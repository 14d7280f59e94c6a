"""Are labels of probability p right p of the time, on images that the calibration has not seen?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bench.labels.boxes import Floats, Integers
from bench.labels.evaluator import Booleans
from bench.labels.labelled import Labelled
from gleancam_engines.voting.calibration import Calibration

REPEATS = 50
SEED = 7

Fit: TypeAlias = Callable[[Sequence[str], Floats, Booleans], Calibration]
"""From the classes, scores and rightness of labels to a calibration."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Labels whose probability lies in one tenth: how many, its mean, and the share of right ones."""

    count: int
    probability: float
    right: float


def halves(images: int, repeats: int = REPEATS, seed: int = SEED) -> Iterator[Integers]:
    """Give each image a side, 0 or 1, half of them each, again and again."""
    rng = np.random.default_rng(seed)
    for _ in range(repeats):
        yield rng.permutation(np.arange(images) % 2)


def out_of_fold(labels: Labelled, side: Integers, fit: Fit) -> Floats:
    """Return `(N,)` probabilities, each by a calibration fitted on the other half of the images."""
    found = np.empty(len(labels))
    for one in (0, 1):
        here = side[labels.image] == one
        calibration = fit(*_some(labels, ~here))
        names, score, _ = _some(labels, here)
        found[here] = calibration.calibrated(names, score)
    return found


def diagram(probability: Floats, right: Booleans, bins: int = 10) -> list[Bin]:
    """Return equal bins of the probability; of an empty one, NaN."""
    at = np.minimum((probability * bins).astype(np.int64), bins - 1)
    return [_bin(probability[at == one], right[at == one]) for one in range(bins)]


def error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error (Guo et al., ICML 2017, equation 5)."""
    count = sum(one.count for one in bins)
    return sum(one.count * abs(one.probability - one.right) for one in bins if one.count) / count


def _bin(probability: Floats, right: Booleans) -> Bin:
    if not len(right):
        return Bin(0, float("nan"), float("nan"))
    return Bin(len(right), float(probability.mean()), float(right.mean()))


def _some(labels: Labelled, here: Booleans) -> tuple[list[str], Floats, Booleans]:
    names = [name for name, wanted in zip(labels.names, here, strict=True) if wanted]
    return names, labels.score[here], labels.right[here]
