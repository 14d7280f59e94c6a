from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.seen import Reach, SeenMemory
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE, Nearest
from made_frames import apart

CENTRE = Nearest(row=0, distance=0.1)


def test_only_what_was_first_seen_before_counts() -> None:
    seen = SeenMemory(4, 0.01)
    seen.see(apart(0), 100, CENTRE)
    assert seen.nearest(apart(0), Reach(100, MAX_COSINE_DISTANCE)) == MAX_COSINE_DISTANCE
    assert seen.nearest(apart(0), Reach(101, MAX_COSINE_DISTANCE)) < 1e-6


def test_a_later_look_at_the_same_keeps_its_first_time() -> None:
    seen = SeenMemory(4, 0.01)
    seen.see(apart(0), 100, CENTRE)
    seen.see(apart(0.001), 900, CENTRE)
    assert len(seen) == 1
    assert seen.nearest(apart(0), Reach(500, MAX_COSINE_DISTANCE)) < 1e-6


def test_when_full_what_was_not_seen_for_longest_makes_room() -> None:
    seen = SeenMemory(2, 0.01)
    seen.see(apart(0), 1, CENTRE)
    seen.see(apart(0.5), 2, CENTRE)
    seen.see(apart(0), 3, CENTRE)
    seen.see(apart(1.0), 4, CENTRE)
    assert seen.nearest(apart(0), Reach(10, MAX_COSINE_DISTANCE)) < 1e-6
    assert seen.nearest(apart(0.5), Reach(10, MAX_COSINE_DISTANCE)) > 0.1


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 8))
def test_capacity_holds(distances: list[float], capacity: int) -> None:
    seen = SeenMemory(capacity, 0.01)
    for at_ns, distance in enumerate(distances):
        seen.see(apart(distance), at_ns, CENTRE)
    assert len(seen) <= capacity


def test_an_entry_farther_from_its_centre_than_asked_suppresses_nothing() -> None:
    seen = SeenMemory(4, 0.01)
    seen.see(apart(0), 100, Nearest(row=0, distance=0.15))
    assert seen.nearest(apart(0), Reach(200, 0.2)) < 1e-6
    assert seen.nearest(apart(0), Reach(200, 0.1)) == MAX_COSINE_DISTANCE


def test_entries_of_a_centre_that_is_gone_find_another_or_go() -> None:
    seen = SeenMemory(4, 0.01)
    seen.see(apart(0), 1, Nearest(row=3, distance=0.1))
    seen.see(apart(0.5), 1, Nearest(row=5, distance=0.1))
    seen.see(apart(1), 1, Nearest(row=5, distance=0.1))
    found = np.array([1, 1]), np.array([0.15, 0.3], np.float32)
    seen.rehang((5,), lambda _: found, within=0.2)
    assert len(seen) == 2
    assert seen.nearest(apart(0.5), Reach(2, 0.12)) > 0.1
    assert seen.nearest(apart(0.5), Reach(2, 0.16)) < 1e-6
