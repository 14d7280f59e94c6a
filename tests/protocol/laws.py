"""What has to hold in every state, and what has to be reached when nothing more goes wrong."""

from __future__ import annotations

from protocol import rows
from protocol.rows import standing
from protocol.world import Bounds, World


def wrong(world: World, bounds: Bounds) -> str:
    """Return which law this state breaks; empty when none."""
    return _twice(world) or _lost(world, bounds) or _windows(world, bounds) or _disagreement(world)


def unsettled(world: World, bounds: Bounds) -> str:
    """Return what is owed when nothing more happens; empty when all is delivered or given up."""
    if waiting := standing(world.rows, *rows.UNDELIVERED):
        return f"{waiting} wait for ever"
    for parcel in standing(world.rows, rows.FREED):
        if not world.consumer.have[parcel] and not _excused(world, parcel, bounds):
            return f"{parcel} was freed, and the consumer never has it"
    return ""


def _twice(world: World) -> str:
    for parcel, count in enumerate(world.consumer.have):
        if count > 1:
            return f"the consumer has {parcel} {count} times"
    return ""


def _lost(world: World, bounds: Bounds) -> str:
    """`ingest`: what is freed is on the consumer's disk. `puback`: or a taker lost it since."""
    for parcel in standing(world.rows, rows.FREED):
        if world.consumer.have[parcel] or _excused(world, parcel, bounds):
            continue
        if bounds.confirm == "ingest":
            return f"{parcel} was freed, and the consumer does not have it"
        if not _on_its_way(world, parcel, bounds):
            return f"{parcel} was freed, and nobody has it"
    return ""


def _excused(world: World, parcel: int, bounds: Bounds) -> bool:
    """Whether the weaker law of `puback` lets it be: a taker lost it, or wants it no more."""
    if bounds.confirm == "ingest":
        return False
    return parcel in world.rejected or (bounds.rules.may_lose and parcel in world.lost)


def _on_its_way(world: World, parcel: int, bounds: Bounds) -> bool:
    if parcel in world.consumer.taken:
        return True
    there = {*world.broker.store, *world.consumer.halves}
    return all((parcel, part) in there for part in range(bounds.parts))


def _windows(world: World, bounds: Bounds) -> str:
    if world.line is not None and len(world.line.wire) > bounds.receive_maximum:
        return f"{len(world.line.wire)} messages are unanswered"
    under_way = len(standing(world.rows, *rows.UNDER_WAY))
    if world.memory is not None and under_way > bounds.unacknowledged_parcels:
        return f"{under_way} parcels are on their way"
    return ""


def _disagreement(world: World) -> str:
    """What delivery remembers is what the rows say: else a window leaks, or a row is forgotten."""
    if world.memory is None:
        return ""
    in_flight = tuple(int(one[7:]) for one, _ in world.memory.in_flight)
    sent = tuple(int(one[7:]) for one in world.memory.sent)
    known = (in_flight, sent)
    stored = (standing(world.rows, rows.INFLIGHT), standing(world.rows, rows.SENT))
    return "" if known == stored else f"delivery remembers {known}, the rows say {stored}"
