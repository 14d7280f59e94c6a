"""Groups, as the definition takes them: seed after seed."""

from __future__ import annotations

import numpy as np
import pytest

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.grouping import grouped
from gleancam_engines.voting.pairs import overlapping_pairs
from gleancam_engines.voting.suppression import suppressed
from made_committees import Frame, crowded_frame, random_frame


def ballots(frame: Frame) -> Ballots:
    return Ballots(
        np.rint(np.concatenate([xyxy for xyxy, _, _ in frame]) * 1e4),
        np.rint(np.concatenate([score for _, score, _ in frame]) * 1e4),
        np.repeat(np.arange(len(frame)), [len(score) for _, score, _ in frame]),
        np.concatenate([kind for _, _, kind in frame]).astype(np.intp),
    ).in_order()


def iou(a: Float64Array, b: Float64Array) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0.0) * max(height, 0.0)
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return float(common / (areas - common))


def one_by_one(cast: Ballots, above: float) -> list[int]:
    seed_of = [-1] * len(cast)
    for seed in range(len(cast)):
        if seed_of[seed] >= 0:
            continue
        seed_of[seed] = seed
        for member in set(cast.member.tolist()) - {int(cast.member[seed])}:
            free = [
                (-iou(cast.xyxy[seed], cast.xyxy[row]), row)
                for row in range(len(cast))
                if seed_of[row] < 0
                and cast.member[row] == member
                and cast.class_number[row] == cast.class_number[seed]
            ]
            if free and -min(free)[0] > above:
                seed_of[min(free)[1]] = seed
    return seed_of


FRAMES = [
    pytest.param(make(seed, models, 80 // models, classes), id=f"{make.__name__}-{seed}-{models}")
    for make in (crowded_frame, random_frame)
    for seed, models, classes in ((1, 1, 1), (2, 2, 1), (3, 4, 1), (4, 4, 3), (5, 8, 1))
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("above", [0.0, 0.3, 0.5, 0.8])
def test_seeds_at_once_are_seeds_one_by_one(frame: Frame, above: float) -> None:
    cast = ballots(frame)
    assert grouped(cast, above).tolist() == one_by_one(cast, above)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("above", [0.0, 0.1, 0.5, 0.9])
def test_all_overlapping_pairs_are_found(frame: Frame, above: float) -> None:
    cast = ballots(frame)
    expected = [
        (a, b)
        for b in range(len(cast))
        for a in range(b)
        if cast.class_number[a] == cast.class_number[b] and iou(cast.xyxy[a], cast.xyxy[b]) > above
    ]
    pairs = overlapping_pairs(cast.xyxy, cast.class_number, above)
    found = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert sorted(found) == sorted(expected)
    assert pairs.iou.tolist() == [iou(cast.xyxy[a], cast.xyxy[b]) for a, b in found]


@pytest.mark.parametrize("frame", FRAMES)
def test_suppression_is_greedy_within_member_and_class(frame: Frame) -> None:
    cast = ballots(frame)
    kept: list[int] = []
    for row in range(len(cast)):
        rivals = [
            one
            for one in kept
            if cast.member[one] == cast.member[row]
            and cast.class_number[one] == cast.class_number[row]
        ]
        if all(iou(cast.xyxy[one], cast.xyxy[row]) <= 0.3 for one in rivals):
            kept.append(row)
    np.testing.assert_array_equal(suppressed(cast, 0.3).xyxy, cast.xyxy[kept])


def test_a_chain_of_boxes_keeps_every_other_one() -> None:
    left = np.arange(60) * 10.0
    xyxy = np.stack([left, left * 0, left + 25, left * 0 + 10], axis=1)
    chain = Ballots(xyxy, 9000 - left, np.zeros(60, np.intp), np.zeros(60, np.intp))
    np.testing.assert_array_equal(suppressed(chain, 0.4).xyxy, xyxy[::2])


def test_many_pairs_are_found_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = ballots(crowded_frame(3, 5, 40, 1))
    whole = overlapping_pairs(cast.xyxy, cast.class_number, 0.2)
    monkeypatch.setattr("gleancam_engines.voting.pairs._AT_ONCE", 50)
    monkeypatch.setattr("gleancam_engines.voting.pairs._BLOCK", 7)
    assert len(whole) > 200
    for few in (0, 1000):  # in blocks, and pair by pair
        monkeypatch.setattr("gleancam_engines.voting.pairs._FEW", few)
        parts = overlapping_pairs(cast.xyxy, cast.class_number, 0.2)
        for name in ("first", "second", "iou"):
            np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
