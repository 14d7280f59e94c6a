"""How unsure a score is, and a committee of scores: in nats."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.pairs import iou_of, runs, windows


def binary_entropy(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give h(q) = -q ln q - (1 - q) ln(1 - q) in nats, element by element; 0 at 0 and 1."""
    sure = (scores <= 0) | (scores >= 1)
    q = np.where(sure, 0.5, scores)
    return np.asarray(np.where(sure, 0.0, -q * np.log(q) - (1 - q) * np.log1p(-q)))


def bernoulli_bald(
    q: npt.NDArray[np.float64], eligible: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Give h(mean q) - mean h(q) over the eligible members, in nats, 0…ln 2: `(G,)`.

    BALD (Houlsby et al. 2011, arXiv:1112.5745) of "is there an object?": how much the members
    disagree, as opposed to how unsure each of them is. Divide by ln 2 to get 0…1.

    Args:
        q: `(G, M)` score that each member gives each object, 0…1; 0 where it saw nothing.
        eligible: `(G, M)` whether it could have seen it; the others do not count. Rows without
            any give 0.
    """
    voters = np.maximum(eligible.sum(axis=1), 1)
    mean = np.where(eligible, q, 0.0).sum(axis=1) / voters
    unsure = np.where(eligible, binary_entropy(q), 0.0).sum(axis=1) / voters
    bald: npt.NDArray[np.float64] = np.maximum(binary_entropy(mean) - unsure, 0.0)
    return bald


def mean_pairwise_iou(
    xyxy: npt.NDArray[np.float64], group: npt.NDArray[np.intp], groups: int
) -> npt.NDArray[np.float64]:
    """Give the mean overlap of all pairs of boxes within each group, 0…1: `(groups,)`.

    1 for a group of one box.

    Args:
        xyxy: `(N, 4)` corners; none is empty.
        group: `(N,)` number of the group of each box, 0…`groups` - 1.
        groups: how many there are.
    """
    order = np.argsort(group, kind="stable")
    size = np.bincount(group, minlength=groups)
    after = np.repeat(size, size) - 1 - runs(size)
    total = np.zeros(groups)
    places = np.arange(len(order))
    for some, behind in windows(places + 1, after):
        one, other = order[np.repeat(places[some], after[some])], order[behind]
        total += np.bincount(group[one], iou_of(xyxy, one, other), groups)
    pairs = size * (size - 1) / 2
    return np.where(pairs > 0, total / np.maximum(pairs, 1), 1.0)
