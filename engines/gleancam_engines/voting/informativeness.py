"""How much there is to learn from a label, and from a frame's labels, 0…1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.label import Label
from gleancam_engines.voting.uncertainty import binary_entropy

OfLabel: TypeAlias = Literal["entropy", "bald", "weighted"]
OfImage: TypeAlias = Literal["max", "mean", "sum", "topk_mean"]
Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each number counts in the weighted mean.

    Raises:
        ValueError: one is below 0, or all are 0.
    """

    entropy: float = 1.0
    bald: float = 1.0
    loc_spread: float = 0.0

    def __post_init__(self) -> None:
        weights = astuple(self)
        if not (all(0 <= one < math.inf for one in weights) and sum(weights) > 0):
            raise ValueError(f"weights must be 0 or more, one of them above 0, but are {self}")


@dataclass(frozen=True, slots=True)
class InformativenessRule:
    """What of a label counts, and how the labels of an image count together.

    Attributes:
        of_label: `entropy`: h(calibrated score) / ln 2, 1 at a coin's toss. `bald`: whether the
            members disagree that it is there. `weighted`: the mean of both and of `loc_spread`.
        weights: for `weighted`; they need not sum to 1.
        of_image: `sum` may exceed 1. `topk_mean`: of the `top` most informative, or of all if
            fewer.

    A label that only one member could see has no `bald`; its entropy stands in.

    Raises:
        ValueError: `top` is below 1.
    """

    of_label: OfLabel = "entropy"
    weights: Weights = Weights()
    of_image: OfImage = "max"
    top: int = 3

    def __post_init__(self) -> None:
        if self.top < 1:
            raise ValueError(f"top must be 1 or more, but is {self.top}")


DEFAULT = InformativenessRule()


def of_labels(labels: Sequence[Label], rule: InformativenessRule = DEFAULT) -> Float64Array:
    """Give `(N,)` for N labels, each 0…1."""
    nats = binary_entropy(_column([one.risk for one in labels]))
    entropy = np.minimum(nats / math.log(2), 1.0)
    if rule.of_label == "entropy":
        return entropy
    absent = np.array([one.bald is None for one in labels], np.bool_)
    bald = np.where(absent, entropy, _column([one.bald or 0.0 for one in labels]))
    if rule.of_label == "bald":
        return bald
    spread = _column([one.loc_spread for one in labels])
    columns = np.stack([entropy, bald, spread])
    return np.average(columns, axis=0, weights=np.array(astuple(rule.weights)))


def informativeness(labels: Sequence[Label], rule: InformativenessRule = DEFAULT) -> float:
    """Give that of an image with these labels; 0 without any, for other selectors to find."""
    if not labels:
        return 0.0
    each = of_labels(labels, rule)
    if rule.of_image == "max":
        return float(each.max())
    if rule.of_image == "sum":
        return float(each.sum())
    count = rule.top if rule.of_image == "topk_mean" else len(each)
    return float(np.sort(each)[-count:].mean())


def _column(values: Sequence[float]) -> Float64Array:
    return np.array(values, np.float64)
