"""What a camera remembers: how far suppression reaches, what returns, and that nothing grows."""

from __future__ import annotations

import resource

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.memory import chord
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.refractory import MOST
from made_frames import observed, unit

SETTINGS = Novelty(threshold=0.2, seen_after_s=5.0, capacity=64, half_life_days=0)
DAY_S = 86_400
ROUNDING = 1e-3


def show(past: Past, frame: Observation, *, room: bool = True) -> bool:
    novelty = NoveltySelector("p", past)
    keep = novelty.decide(frame).keep and room
    novelty.learn(frame, str(frame.mono_ns) if keep else None)
    return keep


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(16, 40), st.sampled_from([0.0, 0.001]))
def test_whatever_is_suppressed_lies_near_a_sent_centre_however_it_came(
    seed: int, capacity: int, half_life_days: float
) -> None:
    """Full memories, doublings, forgetting, frames over budget: suppression never chains."""
    rng = np.random.default_rng(seed)
    limits = changed(SETTINGS, capacity=capacity, half_life_days=half_life_days)
    past, position = Past(limits), rng.normal(size=5)
    for second in range(200):
        position = rng.normal(size=5) if rng.random() < 0.1 else position + 0.2 * rng.normal(size=5)
        frame = observed(unit(*position), 3.0 * second)
        tau = past.threshold
        distance, _ = past.centres.nearest_sent(frame.embedding)
        if past.look(frame).score < tau:
            assert chord(distance) <= chord(tau) + chord(tau / 2) + ROUNDING
        show(past, frame, room=rng.random() < 0.7)
        assert len(past.centres) <= capacity
        assert len(past.seen) <= capacity


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(16, 40))
def test_what_is_passed_over_right_after_a_kept_frame_lies_near_a_sent_centre_too(
    seed: int, capacity: int
) -> None:
    rng = np.random.default_rng(seed)
    limits = changed(SETTINGS, capacity=capacity, refractory_s=20.0)
    past, position = Past(limits), rng.normal(size=5)
    novelty = NoveltySelector("p", past, settings=limits)
    for second in range(200):
        position = rng.normal(size=5) if rng.random() < 0.1 else position + 0.2 * rng.normal(size=5)
        frame = observed(unit(*position), 3.0 * second)
        tau = past.threshold
        distance, _ = past.centres.nearest_sent(frame.embedding)
        if past.look(frame).score < tau:
            assert chord(distance) <= chord(min(2.0, MOST * tau)) + chord(tau / 2) + ROUNDING
        keep = novelty.decide(frame).keep
        novelty.learn(frame, str(second) if keep else None)


def test_what_was_over_budget_is_novel_until_it_is_sent() -> None:
    past = Past(SETTINGS)
    assert not show(past, observed(unit(1, 0, 0), 0), room=False)
    assert past.centres.sent == 0
    assert show(past, observed(unit(1, 0.01, 0), 60))
    assert not show(past, observed(unit(1, 0, 0), 120))


def year(half_life_days: float) -> tuple[int, int]:
    """Four seasons of 40 scenes each, every scene once a day, for two years: kept in each year."""
    past = Past(changed(SETTINGS, capacity=512, half_life_days=half_life_days))
    scenes = np.random.default_rng(3).normal(size=(4, 40, 64))
    kept = [0, 0]
    for day in range(2 * 364):
        season = scenes[day % 364 // 91]
        for number in range(day % 8, 40, 8):
            at_s = day * DAY_S + number
            kept[day // 364] += show(past, observed(unit(*season[number]), at_s))
    return kept[0], kept[1]


def test_seasons_return_with_a_half_life_and_do_not_without() -> None:
    assert year(0) == (160, 0)
    first, second = year(90)
    assert first == 160
    # Unseen for 273 days, three half-lives: seven of eight are forgotten.
    assert 130 <= second <= 150


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_memory_stays_flat_over_a_hundred_thousand_frames() -> None:
    """200 scenes with visitors, far more than the 64 centres; `drain` as the daemon calls it."""
    rng = np.random.default_rng(0)
    past = Past(changed(SETTINGS, threshold=0.02, half_life_days=1))
    homes = rng.normal(size=(200, 32))
    peaks = []
    for second in range(100_000):
        embedding = unit(*(homes[second * 7 % 200] + 0.3 * rng.normal(size=32)))
        show(past, observed(embedding, second))
        past.centres.drain(past.store_every_ns)
        past.seen.drain(past.store_every_ns)
        if second % 10_000 == 9_999:
            peaks.append(peak_bytes())
    assert len(past.centres) <= 64
    assert peaks[-1] - peaks[0] < 2_000_000
