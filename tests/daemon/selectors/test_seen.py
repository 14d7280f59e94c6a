from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.seen import SeenMemory
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from made_frames import apart


def test_only_what_was_first_seen_before_counts() -> None:
    seen = SeenMemory(4, 0.01)
    seen.see(apart(0), mono_ns=100)
    assert seen.nearest(apart(0), before_ns=100) == MAX_COSINE_DISTANCE
    assert seen.nearest(apart(0), before_ns=101) < 1e-6


def test_a_later_look_at_the_same_keeps_its_first_time() -> None:
    seen = SeenMemory(4, 0.01)
    seen.see(apart(0), mono_ns=100)
    seen.see(apart(0.001), mono_ns=900)
    assert len(seen) == 1
    assert seen.nearest(apart(0), before_ns=500) < 1e-6


def test_when_full_what_was_not_seen_for_longest_makes_room() -> None:
    seen = SeenMemory(2, 0.01)
    seen.see(apart(0), mono_ns=1)
    seen.see(apart(0.5), mono_ns=2)
    seen.see(apart(0), mono_ns=3)
    seen.see(apart(1.0), mono_ns=4)
    assert seen.nearest(apart(0), before_ns=10) < 1e-6
    assert seen.nearest(apart(0.5), before_ns=10) > 0.1


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 8))
def test_capacity_holds(distances: list[float], capacity: int) -> None:
    seen = SeenMemory(capacity, 0.01)
    for at_ns, distance in enumerate(distances):
        seen.see(apart(distance), at_ns)
    assert len(seen) <= capacity
