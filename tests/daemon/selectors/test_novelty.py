from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.memory import chord
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.types import Decision, Reason
from gleancam_engines.planes import Float32Array
from made_frames import apart, observed, unit

TAU = 0.2


def selector() -> NoveltySelector:
    return NoveltySelector("p", Past(Novelty(threshold=TAU, seen_after_s=5.0, capacity=64)))


def show(novelty: NoveltySelector, frame: Observation) -> Decision:
    """Decide and learn, as a policy of this selector alone would."""
    decision = novelty.decide(frame)
    novelty.learn(frame, f"id-{frame.mono_ns}" if decision.keep else None)
    return decision


def test_the_first_frame_is_novel() -> None:
    decision = show(selector(), observed(apart(0)))
    assert (decision.keep, decision.reason, decision.score) == (True, Reason.NOVEL, 2.0)
    assert decision.nearest_id is None


def test_a_frame_is_judged_by_its_distance_to_the_nearest_kept_one() -> None:
    novelty = selector()
    show(novelty, observed(apart(0), 0))
    near = show(novelty, observed(apart(TAU - 0.01), 1))
    far = show(novelty, observed(apart(TAU + 0.01), 2))
    assert (near.keep, near.reason, near.nearest_id) == (False, Reason.REDUNDANT, "id-0")
    assert near.score == pytest.approx(TAU - 0.01, abs=1e-6)
    assert (far.keep, far.reason) == (True, Reason.NOVEL)


def test_a_repeat_just_over_the_threshold_was_seen_before() -> None:
    """The frame at 0.19 was redundant; its repeat, with noise, lands at 0.21 from the kept one."""
    novelty = selector()
    show(novelty, observed(apart(0), 0))
    show(novelty, observed(apart(0.19), 1))
    repeat = show(novelty, observed(apart(0.21), 60))
    assert not repeat.keep
    assert repeat.score < TAU


def test_what_was_seen_a_moment_ago_does_not_suppress() -> None:
    novelty = selector()
    show(novelty, observed(apart(0), 0))
    show(novelty, observed(apart(0.19), 1))
    assert show(novelty, observed(apart(0.21), 2)).keep


def test_a_slow_drift_cannot_escape_by_small_steps() -> None:
    """A suppressed frame suppresses nothing: no step of a chain is farther than √(2τ) + √τ."""
    novelty, kept = selector(), [apart(0)]
    for step in range(400):
        frame = observed(apart(step * 0.004), 60.0 * step)
        if show(novelty, frame).keep:
            kept.append(frame.embedding)
        nearest = min(chord(max(0.0, 1 - float(frame.embedding @ one))) for one in kept)
        assert nearest <= chord(TAU) + chord(TAU / 2) + 1e-3


@st.composite
def films(draw: st.DrawFn) -> list[tuple[Float32Array, float]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    centres = rng.normal(size=(draw(st.integers(1, 6)), 6))
    count = draw(st.integers(1, 60))
    times = np.cumsum(rng.uniform(0.1, 10, count))
    spread = draw(st.sampled_from([0.05, 0.3]))
    rows = centres[rng.integers(0, len(centres), count)] + spread * rng.normal(size=(count, 6))
    return [(unit(*row), float(at)) for row, at in zip(rows, times, strict=True)]


@settings(max_examples=50)
@given(films())
def test_whatever_is_not_kept_lies_near_something_kept(
    film: list[tuple[Float32Array, float]],
) -> None:
    novelty, kept = selector(), []
    for embedding, at_s in film:
        if show(novelty, observed(embedding, at_s)).keep:
            kept.append(embedding)
        nearest = min(chord(max(0.0, 1 - float(embedding @ one))) for one in kept)
        assert nearest <= chord(TAU) + chord(TAU / 2) + 1e-3


@settings(max_examples=50)
@given(films())
def test_showing_the_film_again_keeps_nothing(film: list[tuple[Float32Array, float]]) -> None:
    novelty = selector()
    for embedding, at_s in film:
        show(novelty, observed(embedding, at_s))
    again = [show(novelty, observed(embedding, 10_000 + at_s)) for embedding, at_s in film]
    kept_first_time_round = sum(decision.keep for decision in again)
    assert kept_first_time_round == 0


def test_a_featureless_picture_is_never_novel() -> None:
    decision = selector().decide(observed(apart(0), featureless=True))
    assert (decision.keep, decision.score) == (False, 0.0)


def test_a_full_memory_raises_the_threshold_instead_of_growing() -> None:
    novelty = NoveltySelector("p", Past(Novelty(threshold=0.01, capacity=16)))
    rng = np.random.default_rng(1)
    for second in range(300):
        show(novelty, observed(unit(*rng.normal(size=8)), second))
    assert novelty.threshold > 0.01
