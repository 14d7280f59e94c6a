"""Judged labels of a known curve, for tests of whatever learns from them."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.judged import BoolArray, Float64Array, Judged


def made_judgements(
    count: int, curve: Curve, *, seed: int = 0, class_name: str = "person", scenes: int = 20
) -> Judged:
    """Draw labels that are right as often as `curve` says; ten an image, images in order."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.uniform(0.05, 1, count), 4)
    right = rng.uniform(size=count) < curve.probabilities(score)
    image = np.arange(count) // 10
    scene = image * scenes // (image.max() + 1)
    return Judged(np.full(count, class_name), score, right, image, scene)


def judged(score: Float64Array, right: BoolArray) -> Judged:
    """Return labels of one class, each of an image and scene of its own."""
    number = np.arange(len(score))
    return Judged(np.full(len(score), "person"), score, right, number, number)
