"""The law of samples whose picture is held, in every reachable state.

A confirmed manifest leaves exactly its picture, which is delivered once, or given up, or held for
ever if nobody asks; what the device promised is never held again.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest

from protocol.bounds import Bounds
from protocol.explorer import Exploration
from protocol.lawful import lawful
from protocol.numbering import HELD_FROM, name, number, picture_of
from protocol.rows import UNDELIVERED
from protocol.some_faults import NOTHING, one_of
from protocol.world import Faults, World

PICTURE = picture_of(HELD_FROM)
TWICE = one_of("crash", "power", "cut", "again", "evict")
"""What happens to commands that come twice, before the manifest, or after the picture."""


def held(confirm: str, asks: int, faults: Faults, **more: object) -> Bounds:
    return Bounds(
        "puback" if confirm == "puback" else "ingest",
        parcels=0,
        held=1,
        asks=asks,
        unacknowledged_parcels=1,
        faults=faults,
        **more,  # type: ignore[arg-type]
    )


SMALL = {
    "asked once, anything fails": held("ingest", 1, Faults(1)),
    "asked twice": held("ingest", 2, TWICE),
    "the broker confirms": held("puback", 2, NOTHING),
    "two consumers": held("ingest", 1, NOTHING, filters=((4, 5), (4, 5))),
    "beside another": Bounds("ingest", parcels=1, held=1, asks=1, faults=NOTHING),
}
LARGE = {
    "asked twice, anything fails": held("ingest", 2, Faults(1)),
    "the broker confirms, anything fails": held("puback", 1, Faults(1)),
    "two samples": replace(held("ingest", 2, one_of("crash")), held=2),
}


@functools.cache
def explored(which: str) -> Exploration[World]:
    return lawful(SMALL[which])


@pytest.mark.parametrize("which", SMALL)
def test_the_law_holds(which: str) -> None:
    explored(which)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("bounds", LARGE.values(), ids=LARGE)
def test_the_law_holds_in_a_larger_world(bounds: Bounds) -> None:
    lawful(bounds, more_than=50_000)


def test_pictures_end_in_every_way() -> None:
    found = explored("asked once, anything fails")
    ends = {world.rows[PICTURE] for world in found.reached}
    assert ends == {*UNDELIVERED, "none", "held", "freed", "dead", "evicted", "expired"}


def test_commands_come_at_every_time() -> None:
    reached = explored("asked twice").reached
    times = {world.rows[PICTURE] for world in reached if _asks(world.broker.words)}
    assert times == {"none", "held", "ready", "inflight", "sent", "freed", "evicted"}


def _asks(words: tuple[tuple[int, str], ...]) -> bool:
    return any(word == "fetch" for _, word in words)


@pytest.mark.parametrize("at", range(8))
def test_what_a_parcel_is_called_tells_which_it_is(at: int) -> None:
    assert number(name(at)) == at
