"""A small share of `make fuzz`, and proof that it would notice."""

from __future__ import annotations

import json

import pytest
from hypothesis import strategies as st

from fuzz import seeds
from fuzz.mutations import payloads
from fuzz.parsers import parsers
from fuzz.running import Parser, fuzz
from gleancam.wire.error import WireError

PARSERS = parsers()
INPUTS = 60


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_hostile_input_gives_a_value_or_the_parsers_own_error(parser: Parser) -> None:
    outcome = fuzz(parser, INPUTS, number=1)

    assert outcome.inputs == INPUTS
    assert outcome.refused > 0


def test_another_exception_is_noticed() -> None:
    careless = Parser("careless", payloads([seeds.ACK]), lambda raw: json.loads(raw)["ids"], ())

    with pytest.raises((ValueError, KeyError, TypeError, RecursionError)):
        fuzz(careless, INPUTS, number=1)


def test_some_input_is_still_valid() -> None:
    whole = Parser("whole", payloads([seeds.ACK]), json.loads, (ValueError, RecursionError))

    assert fuzz(whole, INPUTS, number=1).accepted > 0


def test_the_seed_decides() -> None:
    runs: list[list[bytes]] = [[], []]
    for heard in runs:
        fuzz(Parser("listening", st.binary(max_size=20), heard.append, (WireError,)), 50, number=7)

    assert runs[0] == runs[1]
