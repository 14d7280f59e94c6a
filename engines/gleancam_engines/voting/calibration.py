"""From a fused score to the probability that the label is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Curve:
    """How right labels of one class are; identity: take scores as they are.

    Temperature: sigmoid(logit(score) / temperature). Isotonic: linear between knots.

    Attributes:
        temperature: above 0.
        knots: (score, probability), both ascending; empty: use the temperature.
    """

    temperature: float = 1.0
    knots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by class, with one for the classes that had too few reviewed labels."""

    common: Curve = Curve()
    by_class: Mapping[str, Curve] = field(default_factory=dict)

    def calibrated(
        self, class_names: Sequence[str], scores: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return `(N,)` probabilities for `(N,)` scores, both 0…1."""
        raise NotImplementedError


UNCALIBRATED = Calibration()
