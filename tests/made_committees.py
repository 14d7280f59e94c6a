"""Committees and frames for tests of voting: few words for many boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.committee import Committee, Member, Rules
from gleancam_engines.voting.evidence import Evidence, Status
from gleancam_engines.voting.ontology import same_names

Row: TypeAlias = tuple[str, tuple[float, float, float, float], float]
"""A class's name, corners as shares of the frame, and a score."""

NAMES = ("car", "dog", "person")


def member(name: str, vocabulary: Sequence[str] = NAMES, weight: float = 1.0) -> Member:
    return Member(f"{name}@0123456789ab", tuple(vocabulary), weight)


def committee(
    members: Sequence[Member], rules: Rules | None = None, confidence: float = 0.0
) -> Committee:
    ontology = same_names([(one.model, one.vocabulary) for one in members], confidence)
    return Committee(tuple(members), ontology, rules or Rules())


def said(who: Member, rows: Sequence[Row] = (), status: Status = "ok") -> Evidence:
    return Evidence(
        who.member_id,
        who.vocabulary,
        np.array([box for _, box, _ in rows], np.float64).reshape(-1, 4),
        np.array([score for _, _, score in rows], np.float64),
        np.array([who.vocabulary.index(name) for name, _, _ in rows], np.int32),
        status,
    )


def arrays_said(
    who: Member,
    xyxy: npt.NDArray[np.float64],
    score: npt.NDArray[np.float64],
    class_id: npt.NDArray[np.int32],
) -> Evidence:
    return Evidence(who.member_id, who.vocabulary, xyxy, score, class_id)


def votes(
    of: Mapping[str, Sequence[Row]], rules: Rules, weights: Mapping[str, float] | None = None
) -> tuple[Committee, list[Evidence]]:
    """Make a committee of models by name, and what each said."""
    members = [member(name, weight=(weights or {}).get(name, 1.0)) for name in of]
    evidence = [said(one, rows) for one, rows in zip(members, of.values(), strict=True)]
    return committee(members, rules), evidence


Frame: TypeAlias = list[
    tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int32]]
]
"""Of each model: `(N, 4)` corners, `(N,)` scores, `(N,)` class numbers."""


def crowded_frame(seed: int, models: int, objects: int, classes: int) -> Frame:
    """Make a frame in which every model sees every object, each a little beside."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.02, 0.25, (objects, 2))
    corner = rng.uniform(0, 0.75, (objects, 2))
    kind = rng.integers(0, classes, objects).astype(np.int32)
    frame: Frame = []
    for _ in range(models):
        shift = rng.normal(0, 0.08, (objects, 4)) * np.tile(size, (1, 2))
        xyxy = np.concatenate([corner, corner + size], axis=1) + shift
        frame.append(_frame_of(xyxy, rng, kind))
    return frame


def random_frame(seed: int, models: int, boxes: int, classes: int) -> Frame:
    """Make a frame of boxes of any size anywhere: nothing agrees but by chance."""
    rng = np.random.default_rng(seed)
    return [
        _frame_of(rng.random((boxes, 4)), rng, rng.integers(0, classes, boxes).astype(np.int32))
        for _ in range(models)
    ]


def _frame_of(
    xyxy: npt.NDArray[np.float64], rng: np.random.Generator, kind: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    corners = np.sort(xyxy.clip(0, 1).reshape(-1, 2, 2), axis=1).reshape(-1, 4).round(4)
    corners[:, 2:] = np.maximum(corners[:, 2:], (corners[:, :2] + 1e-4).round(4))
    corners[:, :2] = np.minimum(corners[:, :2], (corners[:, 2:] - 1e-4).round(4))
    return corners, rng.uniform(0.05, 1, len(xyxy)).round(4), kind


def of_frame(
    frame: Frame, classes: int, rules: Rules, weights: Sequence[float] | None = None
) -> tuple[Committee, list[Evidence]]:
    """Make a committee of as many models as the frame has, and what they said."""
    names = [f"class{number:02d}" for number in range(classes)]
    members = [
        member(f"model{place}", names, 1.0 if weights is None else weights[place])
        for place in range(len(frame))
    ]
    evidence = [arrays_said(one, *rows) for one, rows in zip(members, frame, strict=True)]
    return committee(members, rules), evidence
