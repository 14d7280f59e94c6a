"""Frames shown to voters: in batches, by route, until time is out, and whatever fails."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence

import numpy as np
import pytest

from gleancam.label_round import Request, Round
from gleancam.metrics import Metrics
from gleancam.sources.fake import grey
from gleancam.voter import Voter
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.errors import DeviceError, EngineError, TensorError
from gleancam_engines.planes import Planes
from made_panel import made_voter

DARK = 20


class Clock:
    """Stands still while no detector runs."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Counting(FakeDetector):
    """Remembers how many pictures it was given at once."""

    def __init__(
        self,
        name: str = "counting",
        batch: int = 8,
        takes_s: float = 0.0,
        clock: Clock | None = None,
    ) -> None:
        self.model_id = f"{name}@000000000000"
        self.batch = batch
        self.given: list[int] = []
        self._takes_s = takes_s
        self._clock = clock or Clock()

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        self.given.append(len(pictures))
        self._clock.now_s += self._takes_s
        return super().detect_all(pictures)


class AfraidOfTheDark(Counting):
    """Fails on a dark picture, and with it on the whole batch."""

    error: EngineError = TensorError("output holds NaN")

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        found = super().detect_all(pictures)
        if any(planes.y.mean() <= DARK for planes in pictures):
            raise self.error
        return found


def requests(count: int, name: str | None = None, dark: Sequence[int] = ()) -> list[Request]:
    return [
        Request("a", grey(DARK if at in dark else 100 + at, (36, 64)), name) for at in range(count)
    ]


def played(
    shown: Sequence[Request],
    *voters: Voter,
    limit_s: float = math.inf,
    clock: Clock | None = None,
) -> tuple[Round, Metrics, int]:
    metrics = Metrics.unseen()
    one = Round(shown, voters, limit_s, metrics, clock or Clock())
    steps = 0
    while not one.done:
        one.step()
        steps += 1
    return one, metrics, steps


def statuses(one: Round) -> list[list[str]]:
    return [[evidence.status for evidence in frame] for frame in one.evidence()]


@pytest.mark.parametrize(
    ("batch", "given"), [(8, [8, 2]), (1, [1] * 10), (3, [3, 3, 3, 1]), (64, [10])]
)
def test_a_detector_is_given_as_many_frames_as_it_takes(batch: int, given: list[int]) -> None:
    detector = Counting(batch=batch)
    one, metrics, steps = played(requests(10), made_voter(detector))
    assert detector.given == given
    assert steps == len(given), "other work can come between any two batches"
    assert statuses(one) == [["ok"]] * 10
    count = metrics.registry.get_sample_value
    model = {"model": detector.model_id}
    assert count("gleancam_detector_batch_count", model) == len(given)
    assert count("gleancam_detector_batch_sum", model) == 10
    assert count("gleancam_detector_seconds_count", model) == len(given)


def test_every_voter_sees_every_frame_and_evidence_is_in_their_order() -> None:
    first, second = Counting("first"), Counting("second", batch=1)
    one, _, _ = played(requests(3), made_voter(first), made_voter(second))
    ids = [[evidence.member_id for evidence in frame] for frame in one.evidence()]
    assert ids == [[first.model_id, second.model_id]] * 3


def test_a_bad_picture_costs_its_own_evidence_alone(caplog: pytest.LogCaptureFixture) -> None:
    detector = AfraidOfTheDark()
    with caplog.at_level(logging.WARNING):
        one, _, _ = played(requests(4, dark=[2]), made_voter(detector), made_voter(Counting()))
    assert statuses(one) == [["ok", "ok"], ["ok", "ok"], ["failed", "ok"], ["ok", "ok"]]
    assert detector.given == [4, 1, 1, 1, 1]
    assert [record.message for record in caplog.records] == [
        "a detector failed on one frame: output holds NaN"
    ]


@pytest.mark.parametrize("error", [TensorError("x"), DeviceError("lost")])
def test_whatever_a_model_raises_the_frame_is_not_lost(error: EngineError) -> None:
    detector = AfraidOfTheDark()
    detector.error = error
    one, _, _ = played(requests(1, dark=[0]), made_voter(detector))
    assert statuses(one) == [["failed"]]


def test_a_mistake_of_ours_is_not_taken_for_a_failing_detector() -> None:
    class Wrong(FakeDetector):
        def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
            raise IndexError(len(pictures))

    with pytest.raises(IndexError):
        played(requests(1), made_voter(Wrong()))


def test_when_time_is_out_what_has_not_run_is_left_out() -> None:
    clock = Clock()
    slow, late = Counting("slow", 1, takes_s=2.0, clock=clock), Counting("late")
    voters = made_voter(slow), made_voter(late)
    one, _, _ = played(requests(4), *voters, limit_s=5.0, clock=clock)
    assert [frame[0] for frame in statuses(one)] == ["ok", "ok", "ok", "timeout"]
    assert [frame[1] for frame in statuses(one)] == ["timeout"] * 4
    assert (len(slow.given), late.given, one.spent_s) == (3, [], 6.0)


def test_given_up_what_has_not_run_is_left_out() -> None:
    voters = made_voter(Counting("first", 2)), made_voter(Counting("second", 2))
    one = Round(requests(4), voters, 5.0, Metrics.unseen())
    one.step()
    one.give_up()
    assert one.done
    assert [frame[0] for frame in statuses(one)] == ["ok", "ok", "timeout", "timeout"]
    assert [frame[1] for frame in statuses(one)] == ["timeout"] * 4


def test_what_ran_too_long_still_counts() -> None:
    clock = Clock()
    slow = Counting("slow", takes_s=9.0, clock=clock)
    one, _, _ = played(requests(2), made_voter(slow), limit_s=5.0, clock=clock)
    assert statuses(one) == [["ok"], ["ok"]]


def test_a_voter_that_is_out_of_its_own_time_does_not_take_the_others() -> None:
    clock = Clock()
    slow, other = Counting("slow", 1, takes_s=2.0, clock=clock), Counting("other")
    voters = made_voter(slow, timeout_s=1.0), made_voter(other)
    one, _, _ = played(requests(3), *voters, limit_s=5.0, clock=clock)
    assert statuses(one) == [["ok", "ok"], ["timeout", "ok"], ["timeout", "ok"]]


def test_what_passes_between_two_steps_is_no_time_of_the_detectors() -> None:
    clock = Clock()
    one = Round(requests(3), [made_voter(Counting(batch=1))], 5.0, Metrics.unseen(), clock)
    while not one.done:
        one.step()
        clock.now_s += 60.0
    assert statuses(one) == [["ok"]] * 3


def test_the_name_of_a_frame_chooses_who_looks() -> None:
    night, both = Counting("night", batch=8), Counting("both")
    shown = [*requests(2, "day"), *requests(1, "night"), *requests(1), *requests(1, "unknown")]
    one, _, _ = played(shown, made_voter(night, only=["night", "unknown"]), made_voter(both))
    assert [frame[0] for frame in statuses(one)] == ["skipped", "skipped", "ok", "skipped", "ok"]
    assert [frame[1] for frame in statuses(one)] == ["ok"] * 5
    assert night.given == [2]


class LeftHalf(FakeDetector):
    """Sees the brighter half of a picture, and nothing where the halves are alike."""

    model_id = "half@000000000000"

    def detect(self, planes: Planes) -> Detections:
        middle = planes.width // 2
        left, right = planes.y[:, :middle].mean(), planes.y[:, middle:].mean()
        x1, x2 = (0, middle) if left > right else (middle, planes.width)
        box = np.array([[x1, 0, x2, planes.height]], np.float32)
        score = np.array([0.5 + planes.y.mean() / 1000], np.float32)
        return Detections(box, score, np.array([0], np.int32), self.class_names, self.model_id)


def test_variants_are_members_of_their_own_and_their_boxes_are_where_the_thing_is() -> None:
    planes = grey(60, (36, 64))
    planes.y[:, :32] = 120
    detector = LeftHalf()
    voters = [made_voter(detector, shown) for shown in ("none", "hflip", "gamma0.5")]
    one, _, _ = played([Request("a", planes.read_only())], *voters)
    (frame,) = one.evidence()
    ids = ["half@000000000000", "half@000000000000+hflip", "half@000000000000+gamma0.5"]
    assert [evidence.member_id for evidence in frame] == ids
    for evidence in frame:
        np.testing.assert_array_equal(evidence.xyxy, [[0, 0, 0.5, 1]])
    assert frame[2].score[0] > frame[0].score[0], "it was shown a brighter picture"


def test_evidence_is_rounded_before_anyone_votes() -> None:
    one, _, _ = played([Request("a", grey(100, (37, 61)))], made_voter(FakeDetector()))
    (frame,) = one.evidence()
    for array in (frame[0].xyxy, frame[0].score):
        np.testing.assert_array_equal(array, np.round(array, 4))
        assert array.dtype == np.float64


def test_without_frames_or_voters_a_round_is_done() -> None:
    assert played([], made_voter(FakeDetector()))[0].evidence() == []
    assert played(requests(2))[0].evidence() == [(), ()]
