"""Waits between restarts."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from gleancam.backoff import PERMANENT, TRANSIENT

failures = st.integers(1, 10_000)


@given(failures, st.integers())
def test_a_wait_is_never_longer_than_its_bound(failed: int, seed: int) -> None:
    for backoff in (TRANSIENT, PERMANENT):
        assert 0 <= backoff.wait_s(failed, random.Random(seed)) <= backoff.longest_s(failed)


@given(failures)
def test_the_bound_doubles_up_to_the_cap(failed: int) -> None:
    bound, following = TRANSIENT.longest_s(failed), TRANSIENT.longest_s(failed + 1)
    assert following == min(TRANSIENT.cap_s, 2 * bound)


def test_bounds_of_the_first_failures() -> None:
    assert [TRANSIENT.longest_s(n) for n in (1, 2, 3, 7, 8)] == [0.5, 1, 2, 30, 30]


def test_the_jitter_is_full() -> None:
    rng = random.Random(3)
    waits = [TRANSIENT.wait_s(20, rng) for _ in range(2000)]
    assert min(waits) < 1
    assert max(waits) > 29
    assert 14 < sum(waits) / len(waits) < 16
