"""From a fused score to the probability that the label is right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """How right labels of one class are; identity: take scores as they are.

    Temperature: sigmoid(logit(score) / temperature), Guo et al., ICML 2017, section 4.2 for one
    logit. Isotonic: linear between knots.

    Attributes:
        temperature: above 0.
        knots: (score, probability), both ascending; empty: use the temperature.

    Raises:
        ValueError: the temperature is not above 0, or the knots do not ascend within 0…1.
    """

    temperature: float = 1.0
    knots: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError(f"temperature must be above 0, but is {self.temperature}")
        if self.knots and not _ascend(self.knots):
            raise ValueError(
                "knots must lie in 0…1, scores ascending and probabilities not descending, but "
                f"are {self.knots}"
            )

    def probabilities(self, scores: Float64Array) -> Float64Array:
        """Return `(N,)` probabilities for `(N,)` scores, both 0…1, never descending with them.

        By temperature, 0 and 1 stay what they are. Scores beyond the outermost knots get those
        knots' probabilities.
        """
        if self.knots:
            x, y = np.array(self.knots, np.float64).T
            return np.asarray(np.interp(scores, x, y), np.float64)
        if self.temperature == 1.0:
            return np.array(scores)
        inside = (scores > 0) & (scores < 1)
        s = np.where(inside, scores, 0.5)
        tempered = _sigmoid((np.log(s) - np.log1p(-s)) / self.temperature)
        return np.asarray(np.where(inside, tempered, scores), np.float64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by class, with one for the classes that had too few reviewed labels."""

    common: Curve = Curve()
    by_class: Mapping[str, Curve] = field(default_factory=dict)

    def calibrated(self, class_names: Sequence[str], scores: Float64Array) -> Float64Array:
        """Return `(N,)` probabilities for `(N,)` scores, both 0…1."""
        probabilities = self.common.probabilities(scores)
        special = self.by_class.keys() & set(class_names)
        names = np.array(class_names) if special else np.empty(0)
        for name in special:
            here = names == name
            probabilities[here] = self.by_class[name].probabilities(scores[here])
        return probabilities


UNCALIBRATED = Calibration()


def _sigmoid(logits: Float64Array) -> Float64Array:
    # The exponent is never positive, so that nothing overflows.
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1 / (1 + small), small / (1 + small)), np.float64)


def _ascend(knots: tuple[tuple[float, float], ...]) -> bool:
    pairs = np.array(knots, np.float64)
    steps = np.diff(pairs, axis=0)
    within = bool(((pairs >= 0) & (pairs <= 1)).all())
    return within and bool((steps[:, 0] > 0).all() and (steps[:, 1] >= 0).all())
