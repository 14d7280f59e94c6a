from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.labels.precision import above, between, curve, interval_above
from bench.labels.ranking import auroc
from bench.labels.resampling import resamples


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 40))
def test_the_area_is_the_share_of_pairs_told_apart(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    wrong, doubt = rng.random(count) < 0.5, rng.integers(0, 6, count) / 5
    weights = rng.integers(0, 3, (2, count))
    for area, each in zip(auroc(wrong, doubt, weights), weights, strict=True):
        bad, good = (np.repeat(doubt[mask], each[mask]) for mask in (wrong, ~wrong))
        won = (bad[:, None] > good) + (bad[:, None] == good) / 2
        assert area == pytest.approx(won.mean() if won.size else np.nan, nan_ok=True)


def test_scikit_learn_says_the_same() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(4)
    wrong, doubt = rng.random(300) < 0.3, np.round(rng.random(300), 2)
    weights = rng.integers(0, 4, (3, 300))
    theirs = [metrics.roc_auc_score(wrong, doubt, sample_weight=each) for each in weights]
    assert auroc(wrong, doubt, weights) == pytest.approx(theirs)


def test_precision_and_recall_fall_and_rise_with_the_labels_taken() -> None:
    score = np.array([0.2, 0.9, 0.5, 0.5])
    right = np.array([True, True, False, True])
    found = curve(score, right, 6)
    assert found.score.tolist() == [0.9, 0.5, 0.2]
    assert found.precision == pytest.approx([1, 2 / 3, 3 / 4])
    assert found.recall == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert found.at_recall(0.3) == pytest.approx(2 / 3)
    assert found.at_recall(0.6) is None


def test_labels_are_counted_from_a_score_up_and_between_scores() -> None:
    score, right = np.array([0.05, 0.8, 0.85, 1.0]), np.array([False, True, False, True])
    assert above(score, right, 0.8).count == 3
    assert above(score, right, 0.8).right == pytest.approx(2 / 3)
    assert [one.count for one in between(score, right)] == [1, 0, 0, 0, 0, 0, 0, 0, 2, 1]
    assert np.isnan(between(score, right)[1].right)


def test_precision_varies_with_the_images_drawn() -> None:
    score, image = np.full(20, 0.9), np.arange(20) // 2
    right = image < 9  # one image of ten has only wrong ones
    found = interval_above(score, right, image, 0.8, resamples(10, 500, 0))
    assert found.value == pytest.approx(0.9)
    assert found.low < 0.8 < found.mean < 1 == found.high
