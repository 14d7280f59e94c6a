from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gleancam.selectors.zero_shot import UNKNOWN, ZeroShotClassifier
from gleancam_engines.planes import Float32Array
from made_frames import unit

AXES = np.eye(3, dtype=np.float32)
ANY = ZeroShotClassifier(("day", "night", "fog"), AXES, 10.0, None, 0.0, 0.0, -1.0)

embeddings = st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3).filter(
    lambda values: np.linalg.norm(values) > 0.01
)
shares = st.floats(0, 1)


def test_the_nearest_prototype_gives_the_name() -> None:
    assert ANY.classify(unit(0.2, 0.9, 0.1)) == "night"


def test_probabilities_are_a_softmax_of_scaled_cosines() -> None:
    found = ANY.probabilities(unit(1, 0, 0))
    assert found[0] == pytest.approx(np.exp(10) / (np.exp(10) + 2), rel=1e-5)
    assert found.sum() == pytest.approx(1)


def test_with_a_bias_each_class_has_a_probability_of_its_own() -> None:
    siglip = replace(ANY, bias=-5.0)
    np.testing.assert_allclose(
        siglip.probabilities(unit(1, 0, 0)), 1 / (1 + np.exp([-5, 5, 5])), rtol=1e-5
    )
    assert replace(siglip, tau=0.5).classify(unit(1, 1, 1)) == "day"
    assert replace(siglip, bias=-9.0, tau=0.5).classify(unit(1, 1, 1)) == UNKNOWN


@pytest.mark.parametrize(
    ("settings", "embedding", "name"),
    [
        ({"tau": 0.5}, unit(1, 0, 0), "day"),
        ({"tau": 0.5}, unit(1, 1, 1), UNKNOWN),
        ({"margin": 0.1}, unit(1, 0.99, 0), UNKNOWN),
        ({"margin": 0.1}, unit(1, 0.5, 0), "day"),
        ({"tau_abs": 0.5}, unit(-0.1, -1, -1), UNKNOWN),
        ({"tau_abs": 0.5}, unit(1, 0.2, 0), "day"),
    ],
)
def test_each_threshold_rejects_by_itself(
    settings: dict[str, float], embedding: Float32Array, name: str
) -> None:
    assert replace(ANY, **settings).classify(embedding) == name  # type: ignore[arg-type]


def test_a_softmax_of_one_class_is_certain_and_only_the_cosine_rejects() -> None:
    single = ZeroShotClassifier(("day",), AXES[:1], 10.0, None, 0.9, 0.9, 0.3)
    assert single.classify(unit(1, 0, 0)) == "day"
    assert single.classify(unit(0.1, 1, 0)) == UNKNOWN


@given(embeddings, st.floats(0.1, 1000), st.none() | st.floats(-50, 50))
def test_probabilities_are_shares_and_follow_the_cosines(
    values: list[float], scale: float, bias: float | None
) -> None:
    embedding = unit(*values)
    found = replace(ANY, scale=scale, bias=bias).probabilities(embedding)
    assert (found >= 0).all()
    assert (found <= 1).all()
    if bias is None:
        assert found.sum() == pytest.approx(1, abs=1e-5)
    order = np.argsort(AXES @ embedding)
    assert (np.diff(found[order]) >= 0).all()


@given(embeddings, shares, shares, st.floats(-1, 1), shares)
def test_what_more_is_demanded_only_ever_makes_unknown(
    values: list[float], tau: float, margin: float, tau_abs: float, more: float
) -> None:
    embedding = unit(*values)
    name = replace(ANY, tau=tau, margin=margin, tau_abs=tau_abs).classify(embedding)
    assert name in {UNKNOWN, ANY.classify(embedding)}
    stricter = replace(ANY, tau=tau + more, margin=margin + more, tau_abs=tau_abs + more)
    assert stricter.classify(embedding) in {UNKNOWN, name}


@given(embeddings, st.permutations(range(3)))
def test_the_order_of_classes_does_not_matter(values: list[float], order: list[int]) -> None:
    embedding = unit(*values)
    cosines = AXES @ embedding
    assume(len(np.unique(cosines)) == 3)
    names = [ANY.names[at] for at in order]
    shuffled = replace(ANY, names=names, vectors=AXES[order])
    assert shuffled.classify(embedding) == ANY.classify(embedding)
