"""Run one parser on so many inputs and say what came of it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

PASS_INPUTS = 500
"""Hypothesis remembers all that it tried, so long runs grow slow: begin anew, with a new seed."""


@dataclass(frozen=True)
class Parser:
    """Something that reads what strangers send.

    Attributes:
        read: gives a value, or raises one of `refuses`; anything else is a defect.
        share: of all inputs, against the other parsers'.
    """

    name: str
    inputs: st.SearchStrategy[Any]
    read: Callable[[Any], object]
    refuses: tuple[type[Exception], ...]
    share: int = 2


@dataclass
class Outcome:
    accepted: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    slowest_input: str = ""
    grown_bytes: int = 0
    reasons: set[str] = field(default_factory=set)

    @property
    def inputs(self) -> int:
        return self.accepted + self.refused


def fuzz(parser: Parser, inputs: int, number: int) -> Outcome:
    """Feed the parser; the same number gives the same inputs.

    Raises:
        Exception: whatever a parser raised that is not its own error.
    """
    outcome = Outcome()
    before = _memory_bytes()
    while outcome.inputs < inputs:
        _pass(parser, inputs, number, outcome)
        number += 1
    outcome.grown_bytes = _memory_bytes() - before
    return outcome


def _pass(parser: Parser, inputs: int, number: int, outcome: Outcome) -> None:
    @seed(number)
    @settings(
        max_examples=min(PASS_INPUTS, inputs - outcome.inputs),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(parser.inputs)
    def one(value: Any) -> None:
        if outcome.inputs < inputs:  # it tries some values besides
            _read(parser, value, outcome)

    one()


def _read(parser: Parser, value: Any, outcome: Outcome) -> None:
    began = time.thread_time()
    try:
        parser.read(value)
    except parser.refuses:
        outcome.refused += 1
    else:
        outcome.accepted += 1
    taken_s = time.thread_time() - began
    if taken_s > outcome.slowest_s:
        outcome.slowest_s, outcome.slowest_input = taken_s, repr(value)[:200]


def _memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
