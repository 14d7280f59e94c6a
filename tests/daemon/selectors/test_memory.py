from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.memory import CentreMemory, chord
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from gleancam_engines.planes import Float32Array
from made_frames import apart, unit

ROUNDING = 1e-3
"""Of chords from float32 products: √(2e-7) is 4e-4."""


@st.composite
def streams(draw: st.DrawFn) -> Float32Array:
    """Random, clustered, repeated or slowly drifting unit vectors."""
    count = draw(st.integers(1, 80))
    dimension = draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.01, 0.1, 1.0]))
    drift = draw(st.sampled_from([0.0, 0.05]))
    base = np.zeros(dimension)
    base[0] = draw(st.sampled_from([0.0, 1.0]))
    steps = np.arange(count)[:, None] * drift * np.eye(dimension)[1]
    rows = base + steps + spread * rng.normal(size=(count, dimension))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows, dtype=np.float32)


def filled(stream: Float32Array, capacity: int, radius: float) -> CentreMemory:
    memory = CentreMemory(capacity, radius)
    for number, row in enumerate(stream):
        memory.insert(row, str(number))
    return memory


@given(streams(), st.integers(1, 12), st.floats(0.01, 0.5))
def test_everything_inserted_lies_within_the_radius_of_a_centre(
    stream: Float32Array, capacity: int, radius: float
) -> None:
    memory = filled(stream, capacity, radius)
    for row in stream:
        distance, _ = memory.nearest(row)
        assert chord(distance) <= chord(memory.radius) + ROUNDING


@given(streams(), st.integers(1, 12), st.floats(0.01, 0.5))
def test_centres_lie_half_the_radius_apart_and_capacity_holds(
    stream: Float32Array, capacity: int, radius: float
) -> None:
    memory = filled(stream, capacity, radius)
    assert 1 <= len(memory) <= capacity
    between = np.clip(1 - memory.centres @ memory.centres.T, 0, 2)
    pairs = between[np.triu_indices(len(memory), k=1)]
    assert all(chord(pair) >= chord(memory.radius) / 2 - ROUNDING for pair in pairs)


@given(streams(), st.integers(1, 12))
def test_the_radius_is_within_eight_times_the_best(stream: Float32Array, capacity: int) -> None:
    initial = 0.001
    memory = filled(stream, capacity, initial)
    if memory.radius == initial:
        return
    # k + 1 points pairwise d apart need a radius of d / 2: greedy farthest points give such a d.
    assert chord(memory.radius) <= 8 * _lower_bound(stream, capacity) + 8 * ROUNDING


def _lower_bound(stream: Float32Array, capacity: int) -> float:
    """Gonzalez (1985): k + 1 farthest points lie d apart; the best radius is at least d / 2.

    And it is at most d, so that 8 times the best radius is at most 8 d.
    """
    chosen = [0]
    for _ in range(capacity):
        nearest = (1 - stream @ stream[chosen].T).min(axis=1)
        chosen.append(int(nearest.argmax()))
    return chord(float(max(nearest.max(), 0.0)))


@given(streams(), st.integers(1, 12), st.floats(0.01, 0.5))
def test_the_same_stream_gives_the_same_memory(
    stream: Float32Array, capacity: int, radius: float
) -> None:
    first, second = (filled(stream, capacity, radius) for _ in range(2))
    assert first.ids == second.ids
    assert np.array_equal(first.centres, second.centres)


@given(st.permutations([0, 1, 2, 3, 4, 5] * 3), st.floats(0.05, 0.5))
def test_distinct_clusters_are_found_in_any_order(order: list[int], radius: float) -> None:
    assert len(filled(np.eye(6, dtype=np.float32)[order], 16, radius)) == 6


def test_the_nearest_centre_is_exact() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 16))
    stream = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
    memory = filled(stream, 500, 1e-6)
    query = unit(*rng.normal(size=16))
    best = int((stream @ query).argmax())
    distance, found = memory.nearest(query)
    assert found == str(best)
    assert distance == pytest.approx(1 - float(stream[best] @ query), abs=1e-6)


def test_an_empty_memory_is_as_far_away_as_can_be() -> None:
    assert CentreMemory(4, 0.1).nearest(unit(1, 0)) == (MAX_COSINE_DISTANCE, None)


def test_the_older_centre_survives_a_merger() -> None:
    memory = CentreMemory(2, 0.02)
    for number, distance in enumerate((0.0, 0.03, 1.0)):
        memory.insert(apart(distance), str(number))
    assert memory.ids == ("0", "2")
    assert memory.radius == pytest.approx(0.32)


def test_a_read_of_the_centres_cannot_change_them() -> None:
    memory = CentreMemory(2, 0.02)
    memory.insert(apart(0), "a")
    with pytest.raises(ValueError, match="read-only"):
        memory.centres[0, 0] = 5
