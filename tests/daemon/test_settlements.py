"""What was spooled, and what it cost, comes back to the budgets."""

from __future__ import annotations

from gleancam.settlements import Settled, Settlements
from gleancam.wire.cost import wire_bytes
from gleancam.wire.topics import Topics
from parcels import made_parcel


def test_what_is_put_is_taken_once_and_in_order() -> None:
    settlements = Settlements()
    for number in range(3):
        settlements.put(Settled("a", str(number), number))

    assert [each.parcel_id for each in settlements.take()] == ["0", "1", "2"]
    assert settlements.take() == []


def test_it_holds_no_more_than_so_many() -> None:
    settlements = Settlements()
    for number in range(1000):
        settlements.put(Settled("a", str(number), 1))

    assert len(settlements.take()) == 256


def test_a_parcel_costs_its_packets() -> None:
    topics = Topics("gleancam", "yard", "orin")
    small, large = (made_parcel(1, image_bytes=size) for size in (1000, 51_000))
    cost = wire_bytes(small, topics, mqtt5=True)

    assert wire_bytes(large, topics, mqtt5=True) - cost == 50_000
    assert 1000 + len(small.data) < cost < 1000 + len(small.data) + 1500
