"""How far apart classes of example pictures lie: each picture against what the others make.

A picture is compared with the prototype of its own class made without it (leave-one-out), and with
the whole prototypes of the other classes. Pure arithmetic on embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

Float64Array = npt.NDArray[np.float64]

UNTESTED_SCALE = 10.0
"""Where nothing can be left out: a cosine more by 0.3 than the next makes a probability of 0.95."""
_SCALES = np.geomspace(1, 100, 81)
"""CLIP too learns none above 100 (Radford et al., 2021, section 2.5)."""
_SLACK_NATS = 0.01


@dataclass(frozen=True, slots=True)
class Separation:
    """How the pictures of one class lie to its prototype, and the others'; cosines -1…1.

    Attributes:
        pictures: of the class.
        own_least: of a picture of the class to the prototype without it; None for a single one.
        own_mean: their mean.
        others_most: of a picture of another class; None where there is none.
        others_mean: their mean.
        threshold: suggested: the middle of where it parts the two best; None where one is missing.
        right: share, 0…1, of own and of others' pictures on their side of it, averaged.
    """

    name: str
    pictures: int
    own_least: float | None = None
    own_mean: float | None = None
    others_most: float | None = None
    others_mean: float | None = None
    threshold: float | None = None
    right: float | None = None


def separations(names: Sequence[str], rows: Sequence[Float32Array]) -> tuple[Separation, ...]:
    """Compare every class with itself and the others; `rows` are `(N, D)`, norm 1, N ≥ 1 each."""
    prototypes = [_prototype(each) for each in rows]
    return tuple(
        _separation(name, rows[at], prototypes[at], [*rows[:at], *rows[at + 1 :]])
        for at, name in enumerate(names)
    )


def logit_scale(rows: Sequence[Float32Array]) -> float:
    """What cosines are to be multiplied by, so that a softmax of them gives probabilities.

    The least scale whose cross-entropy on left-out pictures, each class counting the same, is
    within 0.01 nats of the best (temperature scaling: Guo et al., 2017, "On Calibration of Modern
    Neural Networks", section 4.2). `UNTESTED_SCALE` for a single class, or pictures one by one.
    """
    classes = [at for at, each in enumerate(rows) if len(each) > 1]
    if len(rows) < 2 or not classes:
        return UNTESTED_SCALE
    prototypes = np.stack([_prototype(each) for each in rows])
    losses = np.mean([_losses(rows[at], at, prototypes) for at in classes], axis=0)
    return float(_SCALES[int((losses <= losses.min() + _SLACK_NATS).argmax())])


def _losses(rows: Float32Array, at: int, prototypes: Float64Array) -> Float64Array:
    """`(len(_SCALES),)`: mean cross-entropy of the pictures of class `at`."""
    cosines = rows.astype(np.float64) @ prototypes.T
    cosines[:, at] = _left_out(rows)
    behind = cosines - cosines[:, at : at + 1]
    return np.asarray(np.log(np.exp(_SCALES[:, None, None] * behind).sum(axis=2)).mean(axis=1))


def _separation(
    name: str, rows: Float32Array, prototype: Float64Array, others: Sequence[Float32Array]
) -> Separation:
    own = _left_out(rows) if len(rows) > 1 else None
    apart = np.concatenate(others).astype(np.float64) @ prototype if others else None
    threshold, right = (None, None) if own is None or apart is None else _between(own, apart)
    return Separation(
        name,
        len(rows),
        None if own is None else float(own.min()),
        None if own is None else float(own.mean()),
        None if apart is None else float(apart.max()),
        None if apart is None else float(apart.mean()),
        threshold,
        right,
    )


def _between(own: Float64Array, others: Float64Array) -> tuple[float, float]:
    """Threshold at which most are right, in the middle of its gap, and the share that is."""
    edges = np.unique(np.concatenate([own, others]))
    cuts = np.concatenate([edges[:1], (edges[:-1] + edges[1:]) / 2])
    gaps = np.diff(edges, prepend=edges[0])
    right = ((own >= cuts[:, None]).mean(axis=1) + (others < cuts[:, None]).mean(axis=1)) / 2
    best = np.flatnonzero(right >= right.max() - 1e-9)
    at = int(best[gaps[best].argmax()])
    return float(cuts[at]), float(right[at])


def _left_out(rows: Float32Array) -> Float64Array:
    """`(N,)`: cosine of each row to the mean of the others; N ≥ 2."""
    wide = rows.astype(np.float64)
    others = wide.sum(axis=0) - wide
    norms = np.linalg.norm(others, axis=1)
    return np.asarray((wide * others).sum(axis=1) / np.maximum(norms, np.finfo(float).tiny))


def _prototype(rows: Float32Array) -> Float64Array:
    mean = rows.astype(np.float64).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), np.finfo(float).tiny))
