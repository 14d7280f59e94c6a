"""Uncertainty over classes against baal, which computes the same from samples of a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gleancam_engines.voting import classification
from gleancam_engines.voting.classification import Float64Array

PAIRS: dict[str, Callable[[Float64Array], Float64Array]] = {
    "BALD": classification.bald,
    "Entropy": classification.entropy,
    "Margin": classification.margin,
    "Certainty": lambda p: 1 - classification.least_confidence(p),
    "Variance": classification.variance,
}
"""Names of baal's heuristics, and what of ours they are."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # raised while baal is imported
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("shape", [(40, 2, 2), (40, 5, 3), (40, 3, 80)])
def test_agrees_with_baal(name: str, shape: tuple[int, int, int]) -> None:
    from baal.active import heuristics

    drawn = np.random.default_rng(7).dirichlet(np.full(shape[2], 0.5), shape[:2])
    p = np.asarray(drawn, np.float64)

    found = getattr(heuristics, name)().get_uncertainties(np.moveaxis(p, 1, 2))

    assert PAIRS[name](p) == pytest.approx(found, abs=1e-6)
