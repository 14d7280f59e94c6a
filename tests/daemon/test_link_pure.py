"""How much a link takes, in simulated time: never more than it says, and never nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.delivery.day_ledger import SLOT_NS, SLOTS, DayLedger, Spent
from gleancam.delivery.link import Limits, Link
from gleancam.delivery.token_bucket import TokenBucket

SECOND_NS = 10**9
DAY_NS = 24 * 3600 * SECOND_NS

steps = st.lists(
    st.tuples(st.integers(0, 5 * SECOND_NS), st.integers(1, 5000)), min_size=1, max_size=60
)


@given(steps, st.integers(1, 3000), st.integers(2, 3000))
def test_over_no_interval_more_than_burst_and_rate(
    steps: list[tuple[int, int]], rate: int, burst: int
) -> None:
    bucket, now_ns, went = TokenBucket(rate, burst), 0, [(0, 0)]
    for wait_ns, size in steps:
        now_ns += wait_ns
        if bucket.lets(size, now_ns):
            bucket.spend(size, now_ns)
            went.append((now_ns, size))
    largest = max(size for _, size in went)
    for first in range(len(went)):
        for last in range(first, len(went)):
            span_ns = went[last][0] - went[first][0]
            taken = sum(size for _, size in went[first : last + 1])
            allowed = burst * SECOND_NS + rate * span_ns + SECOND_NS * max(0, largest - burst // 2)
            assert taken * SECOND_NS <= allowed


@given(st.integers(1, 10**6), st.integers(2, 10**6), st.integers(1, 10**9))
def test_none_is_too_large_for_ever(rate: int, burst: int, size: int) -> None:
    bucket = TokenBucket(rate, burst)
    assert not bucket.lets(size, 0)
    full_ns = -(-burst * SECOND_NS // rate)
    assert bucket.lets(size, full_ns)
    bucket.spend(size, full_ns)
    paid_ns = full_ns + -(-size * SECOND_NS // rate) + full_ns
    assert bucket.lets(size, paid_ns)


@given(st.integers(1000, 10**4), st.integers(500, 10**5))
def test_a_full_queue_goes_at_the_rate(rate: int, size: int) -> None:
    """Looked at twice a second, as delivery does."""
    bucket, sent, seconds = TokenBucket(rate, 2 * rate), 0, 100
    for tick in range(2 * seconds):
        now_ns = tick * SECOND_NS // 2
        while bucket.lets(size, now_ns):
            bucket.spend(size, now_ns)
            sent += size
    assert abs(sent - rate * seconds) <= 2 * rate + size


def test_a_clock_that_goes_back_fills_nothing() -> None:
    bucket = TokenBucket(1000, 2000)
    assert not bucket.lets(1, 10 * SECOND_NS)
    assert not bucket.lets(1, 0)
    assert not bucket.lets(1, 10 * SECOND_NS)
    assert bucket.lets(1000, 11 * SECOND_NS)


def test_what_is_pending_counts_in_full() -> None:
    bucket = TokenBucket(1000, 2000)
    assert not bucket.lets(600, 0)
    assert bucket.lets(600, 2 * SECOND_NS, pending=1400)
    assert not bucket.lets(600, 2 * SECOND_NS, pending=1401)


spends = st.lists(
    st.tuples(st.integers(0, 8 * SLOT_NS), st.integers(1, 400), st.booleans()), max_size=300
)


@given(spends)
def test_in_no_24_hours_more_than_the_day(spends: list[tuple[int, int, bool]]) -> None:
    day = 1000
    link, now_ns, went = Link(Limits(day=day), DayLedger()), 0, []
    for wait_ns, size, bulk in spends:
        now_ns += wait_ns
        if bulk and not link.takes_bulk(0, now_ns):
            continue
        if link.refusal(size, 0, 0, now_ns) is None:
            link.spend(size, 0, now_ns, bulk=bulk)
            went.append((now_ns, size, bulk))
    for start_ns, _, _ in went:
        within = [one for one in went if start_ns <= one[0] < start_ns + DAY_NS]
        assert sum(size for _, size, _ in within) <= day
        assert sum(size for _, size, bulk in within if bulk) < day // 2 + 400


def test_a_day_and_a_quarter_later_all_is_there_again() -> None:
    link = Link(Limits(day=1000), DayLedger())
    link.spend(1000, 0, 5, bulk=False)
    assert link.refusal(1, 0, 0, DAY_NS) == "budget"
    assert link.left(DAY_NS + SLOT_NS) == 1000
    assert link.refusal(999, 0, 0, DAY_NS + SLOT_NS) is None


def test_debt_of_statuses_ends() -> None:
    link = Link(Limits(day=1000), DayLedger())
    link.spend(5000, 0, 0, bulk=False)
    assert link.left(0) == -4000
    assert link.refusal(10**6, 0, 0, DAY_NS + SLOT_NS) is None, "larger than a day, and yet it goes"


@given(st.lists(st.tuples(st.integers(0, 10**15), st.integers(1, 10**6))))
def test_a_ledger_does_not_grow(spends: list[tuple[int, int]]) -> None:
    ledger = DayLedger()
    for now_ns, size in spends:
        ledger.spend(size, now_ns)
    assert len(ledger.stored(0, 0)) <= 24 * (SLOTS + 1)


@given(spends, st.integers(0, 10**6), st.integers(-(10**6) * SLOT_NS, 3 * SLOT_NS))
def test_what_is_stored_is_never_less(
    spends: list[tuple[int, int, bool]], ahead: int, skew_ns: int
) -> None:
    """Also where the clock has lost time since: then it counts for longer, but not for ever."""
    ledger, now_ns = DayLedger(), 10**7 * SLOT_NS
    for wait_ns, size, bulk in spends:
        now_ns += wait_ns
        ledger.spend(size, now_ns, bulk=bulk)
    later_ns = now_ns + skew_ns
    restored = DayLedger.restored(ledger.stored(now_ns, ahead), later_ns)
    if skew_ns <= 0:
        before = ledger.spent(now_ns)
        assert restored.spent(later_ns) == Spent(before.total + ahead, before.bulk + ahead)
    assert restored.spent(later_ns + DAY_NS + SLOT_NS) == Spent()


@pytest.mark.parametrize("content", [b"x", b"\0" * 24 * 99, b"\xff" * 24, b"\0" * 16 + b"\1" * 8])
def test_what_is_no_ledger_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        DayLedger.restored(content, 0)
