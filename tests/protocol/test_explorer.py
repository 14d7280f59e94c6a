"""The explorer itself, on models whose answers are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from protocol.explorer import Step, explore


@dataclass(frozen=True)
class Counter:
    """Counts up to `top`, may be set back, and may not be `bad`, nor come back to `ends_at`."""

    top: int
    bad: int = -1
    last_is_fine: bool = True
    circular: bool = False
    ends_at: int | None = 0

    def initial(self) -> int:
        return 0

    def steps(self, state: int) -> Iterator[Step[int]]:
        if state < self.top:
            yield Step("one more", state + 1, calm=True)
            yield Step("two more", min(state + 2, self.top), calm=False)
        elif self.circular:
            yield Step("back", 0, calm=True)

    def wrong(self, state: int) -> str:
        return "bad" if state == self.bad else ""

    def unsettled(self, state: int) -> str:
        return "" if self.last_is_fine else f"ends at {state}"

    def turning(self, state: int) -> str:
        return "comes back" if state == self.ends_at else ""


def test_every_state_and_transition_is_counted() -> None:
    found = explore(Counter(10))
    assert (found.states, found.transitions, found.violation) == (11, 20, None)
    assert found.deepest == 5


def test_the_trace_is_a_shortest_one() -> None:
    found = explore(Counter(10, bad=5)).violation
    assert found is not None
    assert len(found.trace) == 3
    assert str(found).startswith("bad\n  1. ")


def test_an_end_that_owes_something_is_found() -> None:
    found = explore(Counter(3, last_is_fine=False)).violation
    assert found is not None
    assert found.law == "ends at 3"
    assert found.trace == ("calm: one more",) * 3


def test_a_calm_world_without_end_is_found() -> None:
    found = explore(Counter(3, circular=True)).violation
    assert found is not None
    assert found.law == "comes back"
    assert found.trace[-1] == "calm: back"


def test_a_calm_world_without_end_that_owes_nothing_is_fine() -> None:
    assert explore(Counter(3, circular=True, ends_at=None)).violation is None


def test_a_model_that_is_too_large_is_an_error() -> None:
    with pytest.raises(AssertionError, match="more than 5 states"):
        explore(Counter(10), most=5)
