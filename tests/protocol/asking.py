"""Somebody who wants a picture that is held: at any time, twice, or never."""

from __future__ import annotations

from collections.abc import Iterator

from protocol.bounds import Bounds
from protocol.explorer import Step
from protocol.numbering import HELD_FROM
from protocol.world import World, put


def calm(_world: World, _bounds: Bounds) -> Iterator[Step[World]]:
    """Yield nothing: nobody has to ask."""
    yield from ()


def faults(world: World, _bounds: Bounds) -> Iterator[Step[World]]:
    """Yield that somebody asks; the broker keeps a command only for a device that it knows."""
    if not world.asks or not world.broker.device_session:
        return
    for sample in range(HELD_FROM, len(world.rows), 2):
        words = put(world.broker.words, (sample, "fetch"))
        after = world._replace(asks=world.asks - 1, broker=world.broker._replace(words=words))
        yield Step(f"somebody asks for the picture of {sample}", after, calm=False)
