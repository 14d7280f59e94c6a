"""The law with messages handed to the sink above its window, and with several consumers.

Of several consumers each has a parcel at most once, and what is freed is on the disk of at least
one that subscribes to it; one that need not come back holds nothing up that another takes.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.bounds import Bounds
from protocol.lawful import lawful
from protocol.some_faults import NOTHING, one_of
from protocol.world import Faults

BOTH, SPLIT, OVERLAP = ((0,), (0,)), ((0,), (1,)), ((0, 1), (1,))


def ahead(faults: Faults, parts: int = 1, receive_maximum: int = 1, more: int = 3) -> Bounds:
    return Bounds("ingest", parts=parts, receive_maximum=receive_maximum, ahead=more, faults=faults)


def both(faults: Faults, sometimes: tuple[int, ...] = ()) -> Bounds:
    return Bounds("ingest", parcels=1, filters=BOTH, sometimes=sometimes, faults=faults)


def shared(filters: tuple[tuple[int, ...], ...], faults: Faults) -> Bounds:
    return Bounds("ingest", unacknowledged_parcels=1, filters=filters, faults=faults)


def one_away(filters: tuple[tuple[int, ...], ...], faults: Faults, window: int = 1) -> Bounds:
    """Consumer 0 need not come back; what only it takes is sent in vain, again and again."""
    parcels = sum(map(len, filters))
    return Bounds(
        "ingest", parcels, unacknowledged_parcels=window, filters=filters, sometimes=(0,),
        faults=faults,
    )  # fmt: skip


SMALL = {
    "ahead, cut": replace(ahead(one_of("cut")), consumers_first=True),
    "ahead, crashes and refusals": ahead(one_of("crash", "refuse", "reject")),
    "ahead, image and manifest": ahead(NOTHING, parts=2),
    "both acknowledge, one only sometimes there": both(
        one_of("consumer", "again", "mute", "late", "stray", "reject"), (1,)
    ),
    "split": shared(SPLIT, one_of("leave")),
    "overlap": shared(OVERLAP, NOTHING),
    "split, one away": one_away(SPLIT, one_of("leave", "cut", "crash")),
}
LARGE = {
    "ahead, cut, consumers at any time": ahead(one_of("cut")),
    "both acknowledge, anything fails": both(Faults(1)),
    "one only sometimes there, anything fails": both(Faults(1), (1,)),
    "split, anything fails": shared(SPLIT, Faults(1)),
    "split, one away, anything fails": one_away(SPLIT, Faults(1)),
}
DEEP = {
    "ahead, anything fails": ahead(Faults(1)),
    "ahead of a window of two, anything fails": ahead(Faults(1), receive_maximum=2, more=2),
    "overlap, anything fails": shared(OVERLAP, Faults(1)),
    "split, one away with more than the window": one_away(((0, 1), (2,)), one_of("cut"), 2),
}


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL)
def test_the_law_holds(bounds: Bounds) -> None:
    lawful(bounds)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("bounds", LARGE.values(), ids=LARGE)
def test_the_law_holds_in_a_larger_world(bounds: Bounds) -> None:
    lawful(bounds, more_than=30_000)


@pytest.mark.deep
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("bounds", DEEP.values(), ids=DEEP)
def test_the_law_holds_in_a_very_large_world(bounds: Bounds) -> None:
    lawful(bounds, more_than=100_000)


def test_the_sink_does_have_more_than_its_window() -> None:
    reached = lawful(ahead(NOTHING)).reached
    assert any(world.line is not None and len(world.line.attempts) == 2 for world in reached)


def test_two_consumers_do_acknowledge_the_same() -> None:
    reached = lawful(both(NOTHING)).reached
    words = {world.broker.words for world in reached}
    assert ((0, "ack"), (0, "ack")) in words
    assert any(world.consumers[0].have == world.consumers[1].have == (1,) for world in reached)
