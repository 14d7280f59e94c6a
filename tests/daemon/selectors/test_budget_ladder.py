"""Demand is counted in unlike things."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.budget_ladder import RUNGS, Ladder, rungs
from gleancam_engines.planes import Float32Array

FINEST = 0.05
FAR = 2.0


def unlike(count: int, seed: int = 1) -> Float32Array:
    rows = np.random.default_rng(seed).normal(size=(count, 512))
    scaled: Float32Array = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def near(embedding: Float32Array, distance: float, seed: int) -> Float32Array:
    """Another one at about this cosine distance."""
    moved = embedding + np.sqrt(2 * distance) * unlike(1, seed)[0]
    scaled: Float32Array = moved / np.linalg.norm(moved)
    return scaled


def test_what_hovers_around_one_place_is_one_event_of_a_coarse_rung_and_many_of_a_fine_one() -> (
    None
):
    ladder, centre = Ladder(FINEST), unlike(1)[0]
    hovering = [near(centre, 0.06, seed) for seed in range(2, 52)]
    events = np.sum([ladder.events(each, FAR, 0.0, sent=False) for each in hovering], axis=0)

    assert events[0] > 40
    assert all(events[rungs(FINEST) > 0.15] == 1)


def test_unlike_things_are_events_of_every_rung_they_score_for() -> None:
    ladder = Ladder(FINEST)
    for each in unlike(20):
        event = ladder.events(each, 0.3, 0.0, sent=False)
        assert np.array_equal(event, rungs(FINEST) <= 0.3)


def test_nothing_below_the_floor_is_an_event() -> None:
    ladder, centre = Ladder(FINEST), unlike(1)[0]

    assert not ladder.events(centre, 0.19, 0.2, sent=False).any()
    assert ladder.events(centre, 0.3, 0.2, sent=False)[0]
    assert not ladder.events(near(centre, 0.1, 2), 0.3, 0.2, sent=False).any(), "too near by floor"


def test_what_was_sent_is_left_to_the_scores() -> None:
    ladder, centre = Ladder(FINEST), unlike(1)[0]

    assert ladder.events(centre, FAR, 0.0, sent=True).any()
    assert ladder.events(centre, FAR, 0.0, sent=False).any()
    assert not ladder.events(centre, FAR, 0.0, sent=False).any()


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 2)), max_size=300))
def test_events_of_a_rung_lie_apart(film: list[tuple[int, float]]) -> None:
    ladder, vectors = Ladder(FINEST), unlike(8)
    chosen: list[list[Float32Array]] = [[] for _ in range(RUNGS)]
    for seed, score in film:
        embedding = near(vectors[seed % 8], 0.02 * (seed // 8), seed)
        event = ladder.events(embedding, score, 0.0, sent=False)
        for rung in np.flatnonzero(event):
            # Of the latest 64: older ones are forgotten.
            for other in chosen[rung][-64:]:
                assert 1 - float(other @ embedding) >= rungs(FINEST)[rung] - 1e-5
            chosen[rung].append(embedding)
