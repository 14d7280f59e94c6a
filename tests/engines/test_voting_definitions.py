"""What is quick against what is plain: fusion box by box, all pairs, labels one by one."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, astuple, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting import wbf
from gleancam_engines.voting.across import overlapping_across
from gleancam_engines.voting.committee import Rules
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.label_table import labels_of
from gleancam_engines.voting.pairs import IndexArray, overlapping_pairs
from made_committees import crowded_frame, of_frame, random_frame

Boxes = tuple[Float64Array, Float64Array, IndexArray]
"""`(N, 4)` corners in steps, `(N,)` strengths, falling, and `(N,)` classes."""
IOUS = (0.0, 0.05, 0.3, 0.5, 0.7, 0.9)


def one_iou(one: Float64Array, other: Float64Array) -> float:
    width, height = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    common = float(max(width, 0) * max(height, 0))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other)]
    return common / (areas[0] + areas[1] - common)


def plainly_fused(
    xyxy: Float64Array, strength: Float64Array, kind: IndexArray, iou: float
) -> list[int]:
    sums: dict[int, Float64Array] = {}
    total: dict[int, float] = {}
    means: dict[int, Float64Array] = {}
    first = []
    for row, box in enumerate(xyxy):
        overlaps = [(one_iou(box, means[each]), -each) for each in means if kind[each] == kind[row]]
        most, negative = max(overlaps, default=(0.0, 0))
        own = -negative if most > iou else row
        first.append(own)
        sums[own] = sums.get(own, 0.0) + box * strength[row]
        total[own] = total.get(own, 0.0) + float(strength[row])
        if own == row:
            means[row] = box
        elif total[own] > 0:
            means[own] = sums[own] / total[own]
    return first


def chain(count: int, step: float) -> Boxes:
    """Return boxes each a step beside the last, so that what a box does hangs on all before."""
    left = np.arange(count) * step
    xyxy = np.stack([left, np.zeros(count), left + 100, np.full(count, 100.0)], axis=1)
    return xyxy, np.linspace(9000, 100, count), np.zeros(count, np.intp)


def ordered(xyxy: Float64Array, strength: Float64Array, kind: IndexArray) -> Boxes:
    order = np.argsort(-strength, kind="stable")
    return xyxy[order], strength[order], kind[order]


@pytest.mark.parametrize("iou", IOUS)
@pytest.mark.parametrize("step", [0, 1, 10, 17, 40])
def test_chains_are_fused_as_defined(step: int, iou: float) -> None:
    xyxy, strength, kind = chain(80, step)
    for some in (np.arange(80), np.random.default_rng(step).permutation(80)):
        given_boxes = xyxy[some], strength, kind
        assert wbf.fused(*given_boxes, iou).tolist() == plainly_fused(*given_boxes, iou)


@pytest.mark.parametrize("iou", IOUS)
@pytest.mark.parametrize("classes", [1, 30])
@pytest.mark.parametrize("make", [crowded_frame, random_frame])
def test_crowds_are_fused_as_defined(make: Callable[..., object], classes: int, iou: float) -> None:
    frame = (
        crowded_frame(7, 4, 50, classes)
        if make is crowded_frame
        else random_frame(7, 4, 50, classes)
    )
    xyxy, strength, kind = (np.concatenate([rows[part] for rows in frame]) for part in range(3))
    boxes = ordered((xyxy * 1e4).round(), strength, kind.astype(np.intp))
    assert wbf.fused(*boxes, iou).tolist() == plainly_fused(*boxes, iou)


corner, side = st.integers(0, 12), st.integers(1, 6)
rough = st.lists(
    st.tuples(corner, corner, side, side, st.integers(0, 3), st.integers(0, 1)), max_size=40
)
"""On a coarse grid boxes coincide, touch and tie; some have no strength at all."""


def boxes_of(rows: list[tuple[int, ...]]) -> Boxes:
    table = np.array(rows, np.float64).reshape(-1, 6)
    xyxy = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1)
    return ordered(xyxy, table[:, 4], table[:, 5].astype(np.intp))


@given(rough, st.sampled_from(IOUS))
def test_ties_and_coinciding_boxes_are_fused_as_defined(
    rows: list[tuple[int, ...]], iou: float
) -> None:
    boxes = boxes_of(rows)
    assert wbf.fused(*boxes, iou).tolist() == plainly_fused(*boxes, iou)


@given(rough, st.sampled_from(IOUS))
def test_pairs_are_all_pairs(rows: list[tuple[int, ...]], iou: float) -> None:
    xyxy, _, kind = boxes_of(rows)
    count = range(len(xyxy))
    expected = {
        (one, other)
        for one in count
        for other in count
        if kind[one] == kind[other] and one_iou(xyxy[one], xyxy[other]) > iou
    }
    pairs = overlapping_pairs(xyxy, kind, iou)
    found = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    assert sorted(found) == sorted(each for each in expected if each[0] < each[1])
    one, other, _ = overlapping_across((xyxy, kind), (xyxy, kind), iou)
    assert sorted(zip(one.tolist(), other.tolist(), strict=True)) == sorted(expected)


def test_ten_thousand_boxes_are_fused_within_their_class() -> None:
    frame = random_frame(3, 5, 2000, 5)
    xyxy, strength, kind = (np.concatenate([rows[part] for rows in frame]) for part in range(3))
    boxes = ordered((xyxy * 1e4).round(), strength, kind.astype(np.intp))
    whole = wbf.fused(*boxes, 0.7)
    assert len(np.unique(whole)) < 10_000
    for one in range(5):
        here = np.flatnonzero(boxes[2] == one)
        alone = wbf.fused(boxes[0][here], boxes[1][here], boxes[2][here], 0.7)
        np.testing.assert_array_equal(whole[here], here[alone])


def test_labels_made_at_once_are_labels() -> None:
    asked, evidence = of_frame(crowded_frame(1, 3, 20, 2), 2, Rules())
    labels = asked.vote(evidence).labels
    for label in labels:
        alone = Label(*astuple(label))
        assert type(label) is Label
        assert label == alone
        assert hash(label) == hash(alone)
        assert repr(label) == repr(alone)
        assert pickle.loads(pickle.dumps(label)) == label  # noqa: S301 - its own
        assert replace(label, score=0.5) == replace(alone, score=0.5)
    with pytest.raises(FrozenInstanceError):
        labels[0].score = 1.0  # type: ignore[misc]


def test_every_field_of_a_label_is_filled() -> None:
    values = tuple(range(len(fields(Label)) - 1))
    (label,) = labels_of([[value] for value in values])
    assert astuple(label) == (*values, "generated")
