"""How far the default committee's labels can be trusted, and what tells which cannot."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.labels.boxes import Floats, Integers
from bench.labels.labelled import Labelled
from bench.labels.precision import Share, above, between, interval_above
from bench.labels.ranking import auroc
from bench.labels.reliability import Bin, Fit, diagram, halves, out_of_fold
from bench.labels.resampling import Interval, interval
from bench.labels.settings import Setting
from gleancam_upstream.calibrating.measures import ece

LEAST = (0.7, 0.8, 0.9)
"""Fused scores at which the share of right labels is told."""
ROC_AT = np.linspace(0, 1, 101)
"""Shares of right labels taken for wrong."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over repeated random halves of the images."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Expected calibration errors of one way to calibrate, over repeated halves.

    Attributes:
        pooled: of all labels, each calibrated by the other half.
        half: of the half that was not fitted on, by itself; fewer labels, so more chance in it.
        bins: of the first split, pooled.
        temperature: the common one, fitted on all labels; 1 where it is none.
    """

    pooled: Spread
    half: Spread
    bins: tuple[Bin, ...]
    temperature: float


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """The default committee in one setting.

    Attributes:
        error: expected calibration error of the score as it is.
        calibrated: by way of calibrating.
        auroc: for "this label is wrong", by name of the uncertainty.
        roc: likewise, the curves' heights at `ROC_AT`.
        above: share of right labels from a score on, with its interval over images.
        between: the same in tenths of the score.
    """

    setting: Setting
    labels: int
    wrong: int
    error: float
    bins: tuple[Bin, ...]
    calibrated: Mapping[str, Calibrated]
    auroc: Mapping[str, Interval]
    roc: Mapping[str, tuple[float, ...]]
    above: Mapping[float, tuple[Share, Interval]]
    between: tuple[Share, ...]


def trust(labels: Labelled, setting: Setting, ways: Mapping[str, Fit], weights: Integers) -> Trust:
    """Judge labels; `weights` are the resamples of images, `(B, I)`."""
    bins = diagram(labels.score, labels.right)
    return Trust(
        setting,
        len(labels),
        int((~labels.right).sum()),
        ece(labels.score, labels.right),
        tuple(bins),
        {name: _calibrated(labels, fit, weights.shape[1]) for name, fit in ways.items()},
        {name: _auroc(labels, doubt, weights) for name, doubt in labels.doubts.items()},
        {name: _roc(labels, doubt) for name, doubt in labels.doubts.items()},
        {least: _above(labels, least, weights) for least in LEAST},
        tuple(between(labels.score, labels.right)),
    )


def _calibrated(labels: Labelled, fit: Fit, images: int) -> Calibrated:
    sides = list(halves(images))
    probabilities = [out_of_fold(labels.judged, side, fit) for side in sides]
    half = [
        ece(probability[here], labels.right[here])
        for side, probability in zip(sides, probabilities, strict=True)
        for here in (side[labels.image] == one for one in (0, 1))
    ]
    return Calibrated(
        _spread([ece(probability, labels.right) for probability in probabilities]),
        _spread(half),
        tuple(diagram(probabilities[0], labels.right)),
        fit(labels.judged).common.temperature,
    )


def _spread(figures: Sequence[float]) -> Spread:
    return Spread(statistics.fmean(figures), min(figures), max(figures))


def _auroc(labels: Labelled, doubt: Floats, weights: Integers) -> Interval:
    """Of labels that have this uncertainty."""
    from sklearn.metrics import roc_auc_score

    known = ~np.isnan(doubt)
    wrong = ~labels.right[known]
    each = weights[:, labels.image[known]]
    return interval(float(roc_auc_score(wrong, doubt[known])), auroc(wrong, doubt[known], each))


def _roc(labels: Labelled, doubt: Floats) -> tuple[float, ...]:
    from sklearn.metrics import roc_curve

    known = ~np.isnan(doubt)
    false, true, _ = roc_curve(~labels.right[known], doubt[known])
    return tuple(np.interp(ROC_AT, false, true).tolist())


def _above(labels: Labelled, least: float, weights: Integers) -> tuple[Share, Interval]:
    share = above(labels.score, labels.right, least)
    return share, interval_above(labels.score, labels.right, labels.image, least, weights)
