"""The lottery is fair, the same in every process, and keeps its word within an epoch."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.selectors.lottery import EPOCH_NS, Draw, Lottery, Terms, uniform
from made_frames import SECOND_NS

TERMS = Terms(seed="yard/one", wanted=12.0, fps=1.0)


def watch(lottery: Lottery, seconds: range, step_s: int = 1) -> list[Draw]:
    """One frame every `step_s`, with the UTC of 2026."""
    times = [second * step_s * SECOND_NS for second in seconds]
    return [lottery.draw(1_780_000_000 * SECOND_NS + at_ns, at_ns) for at_ns in times]


def test_the_number_of_a_frame_is_the_same_in_every_process_and_version() -> None:
    numbers = [uniform("yard/one", "gate", 0), uniform("yard/one", "gate", 10**18 + 1)]
    assert numbers == [0.53498491816719, 0.4297578581879151]


@given(st.text(max_size=100), st.integers(-(2**63), 2**63))
def test_a_number_lies_in_the_unit_interval_below_one(seed: str, captured_ns: int) -> None:
    assert 0 <= uniform(seed, "gate", captured_ns) < 1


@pytest.mark.parametrize("step_ns", [1, 40_000_000, SECOND_NS])
def test_numbers_are_uniform_and_tell_nothing_of_the_next(step_ns: int) -> None:
    numbers = np.array([uniform("s", "gate", n * step_ns) for n in range(40_000)])
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    # Chi square of 19 degrees of freedom: above 43.8 with probability 0.001.
    assert ((counts - 2000) ** 2 / 2000).sum() < 43.8
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 4 / math.sqrt(40_000)


def test_cameras_and_seeds_draw_apart() -> None:
    ones = np.array([uniform("s", "a", n) for n in range(20_000)])
    for other in (("s", "b"), ("t", "a")):
        numbers = np.array([uniform(*other, n) for n in range(20_000)])
        assert abs(np.corrcoef(ones, numbers)[0, 1]) < 4 / math.sqrt(20_000)


@pytest.mark.parametrize("wanted", [12.0, 864.0, 8640.0])
def test_as_many_are_drawn_as_wanted(wanted: float) -> None:
    draws = watch(Lottery("gate", Terms(seed="s", wanted=wanted, fps=1.0)), range(86_400))
    p = wanted / 86_400
    assert {draw.propensity for draw in draws} == {p}
    assert abs(sum(draw.drawn for draw in draws) - wanted) <= 4 * math.sqrt(wanted * (1 - p))


def test_weighing_by_propensity_undoes_what_a_biased_policy_chose() -> None:
    # A value that the policy likes: it keeps only what lies high. Its plain mean is far too high.
    rng = np.random.default_rng(5)
    values = rng.normal(10, 3, 86_400)
    lottery = Lottery("gate", Terms(seed="s", wanted=4000.0, fps=1.0))
    draws = watch(lottery, range(86_400))
    policy = values > 13
    drawn = np.array([draw.drawn for draw in draws])
    random = np.array([draw.propensity for draw in draws])
    propensity = 1 - (1 - policy) * (1 - random)
    kept = policy | drawn
    weights = kept / propensity

    weighed = (weights * values).sum() / len(values)

    deviation = math.sqrt((values[~policy] ** 2 / random[0]).sum()) / len(values)
    assert values[kept].mean() > 13
    assert abs(weighed - values.mean()) < 4 * deviation < 1


def restarted(lottery: Lottery, terms: Terms = TERMS) -> Lottery:
    again = Lottery("gate", terms)
    again.restore(lottery.encode())
    return again


def test_a_restart_changes_no_draw() -> None:
    terms = Terms(seed="s", wanted=40_000.0, fps=1.0)
    whole, first = Lottery("gate", terms), Lottery("gate", terms)
    without = watch(whole, range(100_000))

    before = watch(first, range(50_000))
    again = restarted(first, terms)
    after = watch(again, range(50_000, 100_000))

    assert [*before, *after][:86_400] == without[:86_400]
    assert again.epoch == whole.epoch == 2
    # The second between the two runs was not watched.
    assert again.sampled == whole.sampled - 1


@pytest.mark.parametrize(
    ("changed", "p"),
    [
        ({"wanted": 24.0}, 24 / 86_400),
        ({"seed": "other"}, 12 / 86_400),
        ({"fps": 2.0}, 12 / 172_800),
    ],
)
def test_other_terms_begin_another_epoch(changed: dict[str, float | str], p: float) -> None:
    lottery = Lottery("gate", TERMS)
    watch(lottery, range(100))
    again = restarted(lottery, msgspec.structs.replace(TERMS, **changed))
    (draw,) = watch(again, range(100, 101))
    assert (draw.epoch, draw.propensity) == (2, p)
    assert again.sampled == 1


def test_the_next_epoch_expects_what_came_half_and_half() -> None:
    # Only every tenth second there is a frame.
    lottery = Lottery("gate", TERMS)
    draws = watch(lottery, range(2 * 8640 + 1), step_s=10)
    ps = list(dict.fromkeys(draw.propensity for draw in draws))
    assert [12 / p for p in ps] == pytest.approx([86_400, 47_520, 28_080], abs=1)
    assert [draws[0].epoch, draws[-1].epoch] == [1, 3]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([10, 30, 60]), min_size=2, max_size=5))
def test_odd_days_at_most_double_a_chance(steps_s: list[int]) -> None:
    lottery, at_s = Lottery("gate", TERMS), 0
    chances: dict[int, float] = {}
    for step_s in steps_s:
        for _ in range(86_400 // step_s):
            at_s += step_s
            draw = lottery.draw(at_s * SECOND_NS, at_s * SECOND_NS)
            assert chances.setdefault(draw.epoch, draw.propensity) == draw.propensity
    assert len(chances) >= len(steps_s)
    assert all(after <= 2 * before for before, after in pairwise(chances.values()))


def test_a_camera_that_was_away_was_not_watched() -> None:
    lottery = Lottery("gate", TERMS)
    lottery.draw(0, 0)
    draw = lottery.draw(1, 30 * EPOCH_NS)
    assert draw.epoch == 1


def test_an_epoch_wants_no_more_than_can_be_paid_for() -> None:
    lottery = Lottery("gate", TERMS)
    assert lottery.draw(0, 0, most=3.0).propensity == 3 / 86_400
    assert lottery.draw(0, 1, most=100.0).propensity == 3 / 86_400
    assert lottery.draws_per_ns * EPOCH_NS == pytest.approx(3)


def test_what_is_stored_is_at_most_a_minute_old() -> None:
    lottery = Lottery("gate", TERMS)
    stored = [-1] if lottery.stale else []
    for second in range(200):
        watch(lottery, range(second, second + 1))
        if lottery.stale:
            lottery.encode()
            stored.append(second)
    assert stored == [0, 60, 120, 180]


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x80", msgspec.msgpack.encode({"epoch": 1})])
def test_a_damaged_row_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Lottery("gate", TERMS).restore(content)


def test_a_row_without_chances_is_refused() -> None:
    lottery = Lottery("gate", TERMS)
    with pytest.raises(ValueError, match="no chances"):
        lottery.restore(Lottery("gate", TERMS).encode())
