from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.wire.error import WireError
from gleancam.wire.times import nanoseconds, rfc3339

LAST = 253_402_300_800 * 10**9 - 1


@given(st.integers(0, LAST))
def test_nothing_is_lost(utc_ns: int) -> None:
    assert nanoseconds(rfc3339(utc_ns)) == utc_ns


@given(st.lists(st.integers(0, LAST), min_size=2, max_size=6))
def test_text_sorts_as_time(times: list[int]) -> None:
    assert sorted(map(rfc3339, times)) == list(map(rfc3339, sorted(times)))


def test_known_times() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000000000Z"
    assert rfc3339(1_709_251_199_000_000_001) == "2024-02-29T23:59:59.000000001Z"
    assert rfc3339(LAST) == "9999-12-31T23:59:59.999999999Z"


@pytest.mark.parametrize("utc_ns", [-1, LAST + 1])
def test_out_of_range(utc_ns: int) -> None:
    with pytest.raises(ValueError, match="1970"):
        rfc3339(utc_ns)


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-29T00:00:00.000000000Z",
        "2025-01-01T00:00:60.000000000Z",
        "2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00.000000000+00:00",
        "2025-01-01T00:00:00.000000000Z\n",
        "1969-12-31T23:59:59.000000000Z",
    ],
)
def test_no_times(text: str) -> None:
    with pytest.raises(WireError):
        nanoseconds(text)
