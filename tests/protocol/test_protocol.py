"""The law of delivery in every reachable state: each kept parcel once, or accounted for.

`ingest`: a parcel is freed only when the consumer has it on its disk, and has it exactly once; it
is delivered, evicted, too old or dead whenever everything that goes wrong has gone wrong.
`puback`: as above, but for parcels that a broker lost from its store, or a consumer from its memory
(its client tells the broker that a message arrived before it is written), and nobody else.
"""

from __future__ import annotations

import pytest

from protocol.bounds import Bounds
from protocol.lawful import lawful
from protocol.rows import UNDELIVERED
from protocol.world import Faults

TWO_OF_ANY = Faults(*[2] * len(Faults._fields))
SMALL = [
    Bounds("ingest", parcels=2, parts=1, faults=Faults(1)),
    Bounds("ingest", parcels=1, parts=1, faults=TWO_OF_ANY),
    Bounds("ingest", parcels=2, parts=1, receive_maximum=1, unacknowledged_parcels=1),
    Bounds("puback", parcels=2, parts=1, faults=Faults(0)),
    Bounds("puback", parcels=1, parts=1, faults=Faults(1)),
    Bounds("puback", parcels=1, parts=2, faults=Faults(1)),
]
LARGE = Bounds("puback", parcels=2, parts=1, faults=Faults(1))
DEEP = [
    Bounds("ingest", parcels=2, parts=2, faults=Faults(1)),
    Bounds("ingest", parcels=1, parts=2, faults=Faults(2)),
    Bounds("ingest", parcels=1, parts=1, faults=Faults(3)),
]


def named(bounds: Bounds) -> str:
    window = f"{bounds.receive_maximum}-{bounds.unacknowledged_parcels}"
    return f"{bounds.confirm}-{bounds.parcels}x{bounds.parts}-{bounds.faults.total}faults-{window}"


@pytest.mark.parametrize("bounds", SMALL, ids=named)
def test_the_law_holds(bounds: Bounds) -> None:
    lawful(bounds)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_law_holds_in_a_larger_world() -> None:
    lawful(LARGE, more_than=100_000)


@pytest.mark.deep
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("bounds", DEEP, ids=named)
def test_the_law_holds_in_a_very_large_world(bounds: Bounds) -> None:
    lawful(bounds, more_than=100_000)


def test_faults_happen_and_parcels_end_in_every_way() -> None:
    found = lawful(Bounds("ingest", parcels=1, faults=Faults(1)))
    ends = {world.rows[0] for world in found.reached}
    assert ends == {*UNDELIVERED, "freed", "dead", "evicted", "expired"}
    spent = {
        fault for world in found.reached for fault, left in world.left._asdict().items() if not left
    }
    assert spent == set(Faults._fields)
