"""Covering and packing of the centres, as DESIGN and the docstring promise them, on any stream."""

from __future__ import annotations

from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.selectors.centre import Centre
from gleancam.selectors.memory import COVERING, CentreMemory, chord
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from gleancam_engines.planes import Float32Array
from made_frames import apart, unit

ROUNDING = 1e-3
"""Of chords from float32 products: √(2e-7) is 4e-4."""
RADII = st.floats(0.01, 0.5)
CAPACITIES = st.integers(1, 12)


def normed(rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Float32Array:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows / lengths, dtype=np.float32)


@st.composite
def random_streams(draw: st.DrawFn) -> Float32Array:
    """Random, clustered, repeated or slowly drifting unit vectors."""
    count = draw(st.integers(1, 80))
    dimension = draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.01, 0.1, 1.0]))
    drift = draw(st.sampled_from([0.0, 0.05]))
    base = np.zeros(dimension)
    base[0] = draw(st.sampled_from([0.0, 1.0]))
    steps = np.arange(count)[:, None] * drift * np.eye(dimension)[1]
    return normed(base + steps + spread * rng.normal(size=(count, dimension)))


@st.composite
def adversarial_streams(draw: st.DrawFn) -> Float32Array:
    """Points of one great circle in steps just below or above a radius, back and forth.

    So chains of mergers are as long as they can be, and whatever is covered lies at the rim.
    """
    step = chord(draw(RADII)) * draw(st.sampled_from([0.5, 0.999, 1.001, 2.001]))
    count = draw(st.integers(2, 80))
    hops = draw(st.sampled_from([(1,), (1, -2, 3), (2, -1), (1, 1, -1), (4, -3)]))
    angles = step * np.cumsum(np.fromiter(islice(cycle(hops), count), float))
    return normed(np.stack([np.cos(angles), np.sin(angles)], axis=1))


STREAMS = st.one_of(random_streams(), adversarial_streams())
SENT = st.integers(0, 2**80 - 1)
"""Which embeddings of a stream were sent: a bit each."""


def filled(stream: Float32Array, capacity: int, radius: float, sent: int = 0) -> CentreMemory:
    memory = CentreMemory(capacity, radius)
    for number, row in enumerate(stream):
        memory.cover(row, number, str(number) if sent >> number & 1 else "")
    return memory


def vectors(memory: CentreMemory) -> Float32Array:
    return np.stack([centre.vector for centre in memory.centres()])


def farthest(memory: CentreMemory, stream: Float32Array) -> float:
    """Chord from the embedding that is covered worst to its centre."""
    nearest = (1 - stream @ vectors(memory).T).min(axis=1).clip(0, 2)
    return chord(float(nearest.max()))


@settings(max_examples=300)
@given(STREAMS, CAPACITIES, RADII, SENT)
def test_everything_shown_lies_within_three_radii_of_a_centre(
    stream: Float32Array, capacity: int, radius: float, sent: int
) -> None:
    memory = filled(stream, capacity, radius, sent)
    assert farthest(memory, stream) <= COVERING * chord(memory.radius) + ROUNDING


@settings(max_examples=200)
@given(STREAMS, CAPACITIES, RADII, st.sampled_from([0, -1]))
def test_within_two_where_no_sent_frame_took_a_place(
    stream: Float32Array, capacity: int, radius: float, sent: int
) -> None:
    memory = filled(stream, capacity, radius, sent)
    assert farthest(memory, stream) <= 2 * chord(memory.radius) + ROUNDING
    if memory.radius == radius:
        assert farthest(memory, stream) <= chord(radius) + ROUNDING


@settings(max_examples=300)
@given(STREAMS, CAPACITIES, RADII, SENT)
def test_centres_lie_a_radius_apart_and_capacity_holds(
    stream: Float32Array, capacity: int, radius: float, sent: int
) -> None:
    memory = filled(stream, capacity, radius, sent)
    assert 1 <= len(memory) <= capacity
    rows = vectors(memory)
    between = np.clip(1 - rows @ rows.T, 0, 2)
    pairs = between[np.triu_indices(len(memory), k=1)]
    assert all(chord(pair) >= chord(memory.radius) - ROUNDING for pair in pairs)


@given(STREAMS, CAPACITIES, SENT)
def test_the_radius_is_within_four_times_the_best(
    stream: Float32Array, capacity: int, sent: int
) -> None:
    initial = 0.001
    memory = filled(stream, capacity, initial, sent)
    if memory.radius > initial:
        assert chord(memory.radius) <= 4 * _upper_bound(stream, capacity) + 4 * ROUNDING


def _upper_bound(stream: Float32Array, capacity: int) -> float:
    """A radius with which `capacity` points cover: farthest points first (Gonzalez 1985)."""
    chosen = [0]
    for _ in range(capacity):
        nearest = (1 - stream @ stream[chosen].T).min(axis=1)
        chosen.append(int(nearest.argmax()))
    return chord(float(max(nearest.max(), 0.0)))


@given(STREAMS, RADII, SENT)
def test_distances_to_what_was_sent_are_exact_until_the_memory_is_full(
    stream: Float32Array, radius: float, sent: int
) -> None:
    memory = filled(stream, len(stream), radius, sent)
    frames = [row for number, row in enumerate(stream) if sent >> number & 1]
    assert {centre.sent_id for centre in memory.centres()} <= {""} | {
        str(number) for number in range(len(stream)) if sent >> number & 1
    }
    for frame in frames:
        distance, _ = memory.nearest_sent(frame)
        assert distance < radius or distance == pytest.approx(radius)


@given(STREAMS, CAPACITIES, RADII, SENT)
def test_the_same_stream_gives_the_same_memory(
    stream: Float32Array, capacity: int, radius: float, sent: int
) -> None:
    first, second = (filled(stream, capacity, radius, sent) for _ in range(2))
    assert np.array_equal(vectors(first), vectors(second))
    assert [one.sent_id for one in first.centres()] == [one.sent_id for one in second.centres()]


@given(st.permutations([0, 1, 2, 3, 4, 5] * 3), st.floats(0.05, 0.5))
def test_distinct_clusters_are_found_in_any_order(order: list[int], radius: float) -> None:
    assert len(filled(np.eye(6, dtype=np.float32)[order], 16, radius)) == 6


def test_the_nearest_centre_is_exact() -> None:
    rng = np.random.default_rng(0)
    stream = normed(rng.normal(size=(200, 16)))
    memory = filled(stream, 500, 1e-6, -1)
    query = unit(*rng.normal(size=16))
    best = int((stream @ query).argmax())
    distance, found = memory.nearest_sent(query)
    assert found == str(best)
    assert distance == pytest.approx(1 - float(stream[best] @ query), abs=1e-6)


def test_an_unsent_centre_covers_but_is_not_what_novelty_is_measured_from() -> None:
    memory = CentreMemory(4, 0.1)
    memory.cover(apart(0), 0)
    assert memory.nearest_sent(apart(0)) == (MAX_COSINE_DISTANCE, None)
    memory.cover(apart(0.05), 1)
    assert (len(memory), memory.sent) == (1, 0)


def test_unsent_frames_may_be_asked_to_lie_farther_apart_than_the_radius() -> None:
    memory = CentreMemory(8, 0.02)
    memory.cover(apart(0), 0)
    memory.cover(apart(0.05), 1, apart=0.1)
    assert len(memory) == 1
    memory.cover(apart(0.05), 2, "sent", apart=0.1)

    assert len(memory) == 2
    assert memory.sent == 1


def test_a_sent_frame_takes_the_place_of_unsent_centres_near_it() -> None:
    memory = CentreMemory(4, 0.1)
    memory.cover(apart(0), 0)
    memory.cover(apart(0.05), 1, "a")
    assert (len(memory), memory.sent) == (1, 1)
    assert memory.nearest_sent(apart(0.05))[0] == pytest.approx(0, abs=1e-6)


def test_a_merger_spares_what_was_sent_and_what_is_older() -> None:
    memory = CentreMemory(2, 0.02)
    memory.cover(apart(0), 0)
    memory.cover(apart(0.03), 1, "sent")
    memory.cover(apart(1.0), 2)
    assert [centre.sent_id for centre in memory.centres()] == ["sent", ""]
    assert memory.radius == pytest.approx(0.08)


def test_a_centre_cannot_be_changed_from_outside() -> None:
    memory = CentreMemory(2, 0.02)
    memory.cover(apart(0), 0)
    with pytest.raises(ValueError, match="read-only"):
        memory.centres()[0].vector[0] = 5


def spread_out(count: int) -> Float32Array:
    return np.eye(count, dtype=np.float32)


def test_half_of_what_is_not_seen_goes_after_each_half_life() -> None:
    memory, half_life = filled(spread_out(256), 256, 0.1), 10_000
    left = []
    for lives in (0.9, 1.1, 2.1, 3.1):
        memory.forget(255 + round(lives * half_life), half_life)
        left.append(len(memory))
    assert left[0] == 256
    assert left[1:] == [pytest.approx(expected, abs=12) for expected in (120, 60, 30)]


def test_what_is_seen_again_is_not_forgotten() -> None:
    memory = filled(spread_out(64), 64, 0.1)
    for now in range(100, 10_000, 100):
        memory.cover(spread_out(64)[7], now)
        memory.forget(now, 200)
    (left,) = memory.centres()
    assert np.array_equal(left.vector, spread_out(64)[7])


@settings(max_examples=150)
@given(STREAMS, CAPACITIES, RADII, SENT, st.integers(1, 40))
def test_what_is_younger_than_the_half_life_stays_covered(
    stream: Float32Array, capacity: int, radius: float, sent: int, half_life: int
) -> None:
    memory = CentreMemory(capacity, radius)
    for now, row in enumerate(stream):
        memory.cover(row, now, str(now) if sent >> now & 1 else "")
        memory.forget(now, half_life)
        young = stream[max(0, now - half_life + 1) : now + 1]
        assert farthest(memory, young) <= COVERING * chord(memory.radius) + ROUNDING


@settings(max_examples=100)
@given(STREAMS, CAPACITIES, RADII, SENT, st.integers(1, 9))
def test_rows_drained_on_the_way_rebuild_the_memory(
    stream: Float32Array, capacity: int, radius: float, sent: int, every: int
) -> None:
    memory = CentreMemory(capacity, radius)
    rows: dict[int, Centre | None] = {}
    for now, row in enumerate(stream):
        memory.cover(row.copy(), now, str(now) if sent >> now & 1 else "")
        if now % every == 0 or now == len(stream) - 1:
            rows |= dict(memory.drain(1))
    again = CentreMemory(capacity, memory.radius)
    for centre in rows.values():
        if centre is not None:
            again.restore(centre, 0)
    assert np.array_equal(vectors(again), vectors(memory))
    assert [one.sent_id for one in again.centres()] == [one.sent_id for one in memory.centres()]
    assert [one.last_ns for one in again.centres()] == [one.last_ns for one in memory.centres()]
