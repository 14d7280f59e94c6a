"""Weighted boxes fusion against ensemble-boxes, which is given copies: it changes its input."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from ensemble_boxes import weighted_boxes_fusion

from gleancam_engines.voting import wbf
from gleancam_engines.voting.committee import ConfidenceType, Rules, Verdict
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Pairs, overlapping_pairs
from made_committees import Frame, crowded_frame, of_frame, random_frame

KINDS: tuple[ConfidenceType, ...] = (
    "avg",
    "max",
    "box_and_model_avg",
    "absent_model_aware_avg",
)
Found = list[tuple[int, tuple[float, ...], float]]


def theirs(
    frame: Frame, weights: Sequence[float], iou: float, kind: str, skip: float = 0.0
) -> Found:
    boxes, scores, labels = (copy.deepcopy([rows[part] for rows in frame]) for part in range(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fused = weighted_boxes_fusion(
            boxes, scores, labels, list(weights), iou, skip, conf_type=kind
        )
    return [
        (int(label), tuple(box), min(1.0, score))
        for box, score, label in zip(*(part.tolist() for part in fused), strict=True)
    ]


def ours(verdict: Verdict) -> Found:
    return [(int(one.class_name[-2:]), one.xyxy, one.score) for one in verdict.labels]


def agree(one: Found, other: Found) -> None:
    """Compare each with its nearest: ours are rounded to 1e-4, theirs sums in float32."""
    assert len(one) == len(other)
    rows, others = (
        np.array([(label, *box, score) for label, box, score in each]).reshape(-1, 6)
        for each in (one, other)
    )
    apart = np.abs(rows[:, np.newaxis] - others[np.newaxis]).max(axis=2)
    nearest = apart.argmin(axis=1)
    assert sorted(nearest.tolist()) == list(range(len(other)))
    assert apart.min(axis=1).max(initial=0.0) < 6e-5


def unique_order(frame: Frame, weights: Sequence[float]) -> bool:
    strength = np.concatenate([s * w for (_, s, _), w in zip(frame, weights, strict=True)])
    return len(np.unique(strength)) == len(strength)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("models", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("make", [crowded_frame, random_frame])
def test_agrees_with_ensemble_boxes(
    kind: ConfidenceType, models: int, make: Callable[[int, int, int, int], Frame]
) -> None:
    for seed, iou, weighted in ((1, 0.55, False), (2, 0.7, True), (3, 0.4, True), (4, 0.2, False)):
        frame = make(100 * models + seed, models, 60, 2)
        weights = [1.0 + 0.1234567 * place if weighted else 1.0 for place in range(models)]
        # Equal ones are taken in no defined order there: all are made to differ.
        scores = np.random.default_rng(seed).permutation(models * 60) / 400 + 0.05
        frame = [
            (xyxy, scores[place::models].round(4), kinds)
            for place, (xyxy, _, kinds) in enumerate(frame)
        ]
        assert unique_order(frame, weights)
        asked, evidence = of_frame(frame, 2, Rules(iou=iou, iou_nms=1.0, conf_type=kind), weights)
        agree(ours(asked.vote(evidence)), theirs(frame, weights, iou, kind))


def example() -> Frame:
    """Return the boxes of ensemble-boxes' README."""
    return [
        (
            np.array(
                [
                    [0.00, 0.51, 0.81, 0.91],
                    [0.10, 0.31, 0.71, 0.61],
                    [0.01, 0.32, 0.83, 0.93],
                    [0.02, 0.53, 0.11, 0.94],
                    [0.03, 0.24, 0.12, 0.35],
                ]
            ),
            np.array([0.9, 0.8, 0.2, 0.4, 0.7]),
            np.array([0, 1, 0, 1, 1], np.int32),
        ),
        (
            np.array(
                [
                    [0.04, 0.56, 0.84, 0.92],
                    [0.12, 0.33, 0.72, 0.64],
                    [0.38, 0.66, 0.79, 0.95],
                    [0.08, 0.49, 0.21, 0.89],
                ]
            ),
            np.array([0.5, 0.8, 0.7, 0.3]),
            np.array([1, 1, 1, 0], np.int32),
        ),
    ]


@pytest.mark.parametrize(
    ("kind", "scores"),
    [
        ("avg", [0.8, 0.7333, 0.4667, 0.2667, 0.2333, 0.1667, 0.1]),
        ("max", [0.9, 0.8, 0.7, 0.4, 0.35, 0.25, 0.15]),
        ("box_and_model_avg", [0.8, 0.4667, 0.3667, 0.2667, 0.2333, 0.1667, 0.1]),
        ("absent_model_aware_avg", [0.8, 0.4667, 0.44, 0.2667, 0.2333, 0.1667, 0.1]),
    ],
)
def test_reproduces_the_published_example(kind: ConfidenceType, scores: list[float]) -> None:
    rules = Rules(iou=0.5, iou_nms=1.0, conf_type=kind)
    asked, evidence = of_frame(example(), 2, rules, [2.0, 1.0])
    found = asked.vote(evidence).labels
    assert [label.score for label in found] == scores
    if kind == "avg":
        assert found[0].xyxy == (0.1067, 0.3167, 0.7133, 0.62)


def test_a_heavy_model_that_says_one_thing_twice_does_not_exceed_one() -> None:
    boxes = np.array([[0.1, 0.1, 0.5, 0.5], [0.1, 0.1, 0.5, 0.49]])
    twice = (boxes, np.array([1.0, 0.9]), np.zeros(2, np.int32))
    once = (np.array([[0.8, 0.8, 0.9, 0.9]]), np.array([0.5]), np.zeros(1, np.int32))
    asked, evidence = of_frame([twice, once], 1, Rules(iou_nms=1.0), [10.0, 1.0])
    label = asked.vote(evidence).labels[0]
    assert (label.score, label.votes) == (1.0, 1)
    assert theirs([twice, once], [10.0, 1.0], 0.7, "avg")[0][2] == 1.0


def chained() -> tuple[Float64Array, Float64Array, IndexArray]:
    """Return boxes whose fused box moves until it reaches one that is far from them all.

    Fused are boxes on both sides of the last one, which overlaps none of them by much.
    """
    xyxy = np.array([[0, 0, 100, 100], [90, 0, 190, 100], [45, 0, 145, 100]], np.float64)
    return xyxy, np.array([1.0, 0.99, 0.5]), np.zeros(3, np.intp)


def test_a_fused_box_between_its_boxes_is_not_missed() -> None:
    """Both first boxes join at a low overlap; their mean covers the last, which joins it."""
    xyxy, strength, kind = chained()
    assert wbf.fused(xyxy, strength, kind, 0.05).tolist() == [0, 0, 0]


def test_a_cluster_that_was_not_looked_at_is_found_and_all_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Take away what is known of near boxes: the check alone must find it all."""
    for seed in range(5):
        frame = crowded_frame(seed, 5, 40, 2)
        xyxy = np.concatenate([rows[0] for rows in frame]) * 1e4
        strength = np.concatenate([rows[1] for rows in frame])
        kind = np.concatenate([rows[2] for rows in frame]).astype(np.intp)
        order = np.argsort(-strength, kind="stable")
        given = xyxy[order], strength[order], kind[order], 0.5
        expected = wbf.fused(*given)
        whole = overlapping_pairs

        def few(boxes: Float64Array, group: IndexArray, iou: float) -> Pairs:
            pairs = whole(boxes, group, iou)  # noqa: B023 - used up within this turn
            return pairs if iou == 0.5 else pairs.where(pairs.iou > 0.5)

        with monkeypatch.context() as patch:
            patch.setattr(wbf, "overlapping_pairs", few)
            patch.setattr(wbf, "_unproven", lambda _xyxy, course, _margin: course)
            np.testing.assert_array_equal(wbf.fused(*given), expected)


def test_what_is_taken_as_proven_is_never_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    doubts: list[npt.NDArray[np.intp]] = []
    for seed in range(20):
        for make in (crowded_frame, random_frame):
            frame = make(seed, 5, 40, 1)
            strength = np.concatenate([rows[1] for rows in frame])
            order = np.argsort(-strength, kind="stable")
            xyxy = np.concatenate([rows[0] for rows in frame])[order] * 1e4
            kind = np.zeros(len(order), np.intp)
            given = xyxy, strength[order], kind, 0.6
            quick = wbf.fused(*given)
            with monkeypatch.context() as patch:
                patch.setattr(wbf, "_unproven", lambda _xyxy, course, _margin: course)
                np.testing.assert_array_equal(quick, wbf.fused(*given))
            doubts.append(quick)
    assert sum(len(np.unique(each)) < len(each) for each in doubts) > 20


@pytest.mark.parametrize("make", [crowded_frame, random_frame])
@pytest.mark.parametrize("classes", [1, 9])
def test_boxes_at_once_and_one_by_one_come_to_the_same(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[int, int, int, int], Frame], classes: int
) -> None:
    for seed, iou in ((1, 0.7), (2, 0.5), (3, 0.3)):
        asked, evidence = of_frame(make(seed, 5, 60, classes), classes, Rules(iou=iou))
        found = []
        for crowd in (1, 12, 10**9):  # all at once, mixed, all one by one
            monkeypatch.setattr("gleancam_engines.voting.waves._CROWD", crowd)
            found.append(asked.vote(evidence))
        assert found[0] == found[1] == found[2]
        assert any(label.votes > 1 for label in found[0].labels)
