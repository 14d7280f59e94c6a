"""A bucket never gives more than its budget and one sample, whatever the order of things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.budget_amount import Amount, parse_amount
from gleancam.selectors.budget_bucket import RESERVE, STRETCH, Bucket

HOUR_NS = 3600 * 10**9
LIMIT = 1_000_000.0
LEAST, MOST = 40_000, 60_000
"""Sizes of samples: none is half as large again as any before it."""


@pytest.mark.parametrize(
    ("text", "limit", "unit", "hours"),
    [
        ("200 MB/day", 200e6, "bytes", 24),
        ("1.5GB/day", 1.5e9, "bytes", 24),
        ("80 kB/hour", 80e3, "bytes", 1),
        ("60/hour", 60, "samples", 1),
    ],
)
def test_budgets_are_read(text: str, limit: float, unit: str, hours: int) -> None:
    amount = parse_amount(text)

    assert (amount.limit, amount.unit) == (limit, unit)
    assert amount.period_ns == hours * HOUR_NS


@pytest.mark.parametrize("text", ["", "60", "0/hour", "-1/day", "1 TB/day", "60/week", "1e3/day"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no budget"):
        parse_amount(text)


def bytes_a_day() -> Bucket:
    bucket = Bucket(Amount(LIMIT, "bytes", 24 * HOUR_NS))
    bucket.usual_cost = bucket.largest_cost = LEAST
    return bucket


steps = st.lists(
    st.tuples(st.integers(0, HOUR_NS), st.booleans(), st.integers(LEAST, MOST), st.integers(0, 9)),
    max_size=400,
)


@given(steps)
def test_a_period_costs_no_more_than_its_budget_and_one_sample(
    film: list[tuple[int, bool, int, int]],
) -> None:
    bucket, now_ns, under_way = bytes_a_day(), 0, []
    spent_in: dict[int, float] = {}
    for number, (passed_ns, burst, size, settles) in enumerate(film):
        now_ns += passed_ns
        bucket.advance(now_ns)
        if bucket.affords(bucket.phase, burst=burst):
            bucket.charge(str(number))
            under_way.append((str(number), size))
        for sample_id, cost in under_way[:settles]:
            bucket.settle(sample_id, cost)
            spent_in[bucket.periods] = spent_in.get(bucket.periods, 0) + cost
        under_way = under_way[settles:]
        assert bucket.spent <= LIMIT + MOST
    periods = bucket.periods + 1
    assert sum(spent_in.values()) <= periods * LIMIT + MOST


def test_what_the_last_sample_overshot_is_owed_by_the_next_period() -> None:
    bucket = bytes_a_day()
    bucket.advance(0)
    bucket.spent = LIMIT - 1
    bucket.advance(24 * HOUR_NS - 1)
    assert bucket.affords(1.0, burst=False)
    bucket.charge("last")
    bucket.settle("last", 50_001)

    assert bucket.advance(24 * HOUR_NS)
    assert bucket.spent == 50_000


@given(st.lists(st.integers(-(10**18), 10**18), max_size=50))
def test_a_clock_that_goes_back_gives_nothing(times: list[int]) -> None:
    bucket, latest = Bucket(parse_amount("60/hour")), None
    for at_ns in times:
        before = (bucket.periods, bucket.elapsed_ns)
        bucket.advance(at_ns)
        if latest is not None and at_ns <= latest:
            assert (bucket.periods, bucket.elapsed_ns) == before
        latest = at_ns if latest is None else max(latest, at_ns)
    if times:
        total = bucket.periods * HOUR_NS + bucket.elapsed_ns
        assert total == max(0, max(times) - times[0])


def test_the_reserve_is_for_bursts_until_the_last_hour() -> None:
    bucket = Bucket(parse_amount("100/day"))
    bucket.advance(0)
    bucket.advance(12 * HOUR_NS)
    bucket.spent = 100 * (1 - RESERVE)

    assert not bucket.affords(1.0, burst=False)
    assert bucket.affords(1.0, burst=True)
    assert bucket.left == 0
    bucket.advance(round(24 * HOUR_NS * (1 - STRETCH)) + 1)
    assert bucket.affords(1.0, burst=False)
    assert bucket.left == pytest.approx(100 * RESERVE)


def test_a_sample_that_is_never_settled_is_paid_as_estimated() -> None:
    bucket = bytes_a_day()
    for number in range(65):
        bucket.charge(str(number))

    assert bucket.spent == LEAST
    assert bucket.charged == 65 * LEAST


def test_an_event_costs_too() -> None:
    bucket = bytes_a_day()
    bucket.settle("event", 900)

    assert bucket.spent == 900
    assert bucket.usual_cost == LEAST


def test_what_is_set_aside_is_for_reserved_samples_alone() -> None:
    bucket = Bucket(parse_amount("100/day"))
    bucket.advance(0)
    bucket.reserve(20)
    kept = 0
    while bucket.affords(1.0, burst=False):
        kept += 1
        bucket.charge(f"policy-{kept}")
        bucket.settle(f"policy-{kept}", 1)
    assert kept == 76, "four fifths of the budget, without the reserve for bursts"
    for number in range(20):
        bucket.charge(f"drawn-{number}", reserved=True)
        bucket.settle(f"drawn-{number}", 1)
    assert bucket.charged == 96
    assert not bucket.affords(1.0, burst=False)


def test_reserved_samples_beyond_what_was_set_aside_are_taken_from_the_others() -> None:
    bucket = Bucket(parse_amount("100/day"))
    bucket.advance(0)
    bucket.reserve(20)
    for number in range(50):
        bucket.charge(f"drawn-{number}", reserved=True)
        bucket.settle(f"drawn-{number}", 1)
    assert bucket.left == pytest.approx(95 - 50)
    bucket.advance(24 * HOUR_NS)
    assert bucket.left == pytest.approx(0.95 * 80)


@pytest.mark.parametrize("cost", [-1.0, 100.0])
def test_no_more_than_there_is_can_be_set_aside(cost: float) -> None:
    with pytest.raises(ValueError, match="aside"):
        Bucket(parse_amount("100/day")).reserve(cost)
