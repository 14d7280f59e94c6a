from __future__ import annotations

import numpy as np
import pytest

from gleancam_engines.voting.uncertainty import binary_entropy


@pytest.mark.parametrize(
    ("scores", "bald"),
    [
        ([0.9, 0.9], 0.0),
        ([0.9, 0.0], 0.525597),
        ([0.9, 0.6], 0.063288),
        ([0.1, 0.9, 0.5], 0.245376),
        ([1.0, 0.0], 0.693147),
        ([0.9, 0.9, 0.0], 0.45629),
    ],
)
def test_entropy_gives_the_published_disagreements(scores: list[float], bald: float) -> None:
    """BALD is made of entropies alone: h(mean q) - mean h(q)."""
    q = np.array(scores)
    found = binary_entropy(np.array([q.mean()]))[0] - binary_entropy(q).mean()
    assert found == pytest.approx(bald, abs=1e-6)


def test_certainty_either_way_has_no_entropy_and_a_coin_the_most() -> None:
    found = binary_entropy(np.array([0.0, 0.25, 0.5, 1.0]))
    assert found.tolist() == pytest.approx([0.0, 0.562335, np.log(2), 0.0], abs=1e-6)
