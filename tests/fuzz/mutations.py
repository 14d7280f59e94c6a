"""Ways to spoil a valid document, and the strategy that draws some of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from hypothesis import strategies as st

from fuzz.evil import PLAIN, TOKENS, nested
from fuzz.writing import Document, Token, Twice, write

Place: TypeAlias = tuple[Any, Any]
"""A container and a key or index in it."""
Mutation: TypeAlias = Callable[[Place, int], None]
LARGEST_BYTES = 5 * 2**20
"""More than any reader takes."""


def places(node: Any, depth: int = 0) -> Iterator[Place]:
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in list(keys):
        yield node, key
        if depth < 6:
            yield from places(node[key], depth + 1)


def _token(place: Place, number: int) -> None:
    place[0][place[1]] = TOKENS[number % len(TOKENS)]


def _plain(place: Place, number: int) -> None:
    place[0][place[1]] = copy.deepcopy(PLAIN[number % len(PLAIN)])


def _remove(place: Place, _number: int) -> None:
    del place[0][place[1]]


def _nest(place: Place, number: int) -> None:
    depth = (10, 200, 990, 1100, 40_000)[number % 5]
    place[0][place[1]] = nested(depth, closed=number % 2 == 0, objects=number % 3 == 0)


def _repeat(place: Place, number: int) -> None:
    """Make one thing many, now and then as many as a message holds: that is where time goes."""
    container, key = place
    one = write(container[key])
    wanted = 10**7 if number % 41 == 0 else (2, 50, 300, 1001)[number % 4]
    count = max(1, min(wanted, LARGEST_BYTES // (len(one) + 1)))
    container[key] = Token(b"[" + (one + b",") * (count - 1) + one + b"]")


def _twice(place: Place, number: int) -> None:
    container, key = place
    if isinstance(container[key], dict) and container[key]:
        again = sorted(container[key])[number % len(container[key])]
        container[key] = Twice(container[key], [(again, TOKENS[number % len(TOKENS)])])


def _strange_field(place: Place, number: int) -> None:
    if isinstance(place[0], dict):
        name = ("later", "", "__class__", "\u0000", "é" * 300, "ids")[number % 6]
        place[0][name] = TOKENS[number % len(TOKENS)]


MUTATIONS: tuple[Mutation, ...] = (
    _token,
    _plain,
    _remove,
    _nest,
    _repeat,
    _twice,
    _strange_field,
)

steps = st.lists(
    st.tuples(st.sampled_from(MUTATIONS), st.integers(0, 2**16), st.integers(0, 2**16)), max_size=3
)
cuts = st.none() | st.tuples(st.integers(0, 2**16), st.integers(0, 2**16), st.binary(max_size=8))


def spoil(document: Document, steps: list[tuple[Mutation, int, int]]) -> Document:
    root = [copy.deepcopy(document)]
    for mutate, where, number in steps:
        found = list(places(root))
        if found:
            mutate(found[where % len(found)], number)
    return root[0] if root else None


def cut(text: bytes, change: tuple[int, int, bytes] | None) -> bytes:
    """Replace a piece of `text` by other bytes."""
    if change is None or not text:
        return text
    start, length, bytes_ = change
    begin = start % len(text)
    return text[:begin] + bytes_ + text[begin + length % 64 :]


def payloads(documents: list[Any]) -> st.SearchStrategy[bytes]:
    """Spoiled documents; now and then just bytes, or the document as it is."""
    structured = st.builds(
        lambda document, steps, change: cut(write(spoil(document, steps)), change),
        st.sampled_from(documents),
        steps,
        cuts,
    )
    return st.one_of(structured, structured, structured, st.binary(max_size=400))
