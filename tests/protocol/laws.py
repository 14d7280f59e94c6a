"""What has to hold in every state, and what has to be reached when nothing more goes wrong."""

from __future__ import annotations

from protocol import rows
from protocol.bounds import Bounds
from protocol.numbering import HELD_FROM, is_picture, manifest_of, number, picture_of
from protocol.parcels_sent import parts_of
from protocol.rows import standing
from protocol.world import World


def wrong(world: World, bounds: Bounds) -> str:
    """Return which law this state breaks; empty when none."""
    return (
        _twice(world)
        or _lost(world, bounds)
        or _pictures(world)
        or _windows(world, bounds)
        or _disagreement(world)
    )


def unsettled(world: World, bounds: Bounds) -> str:
    """Return what is owed when nothing more happens; empty when all is delivered or given up.

    A picture that nobody asked for may be held for ever, and what only one takes that stays away
    may wait as long.
    """
    waiting = standing(world.rows, *rows.UNDELIVERED)
    if owed := tuple(one for one in waiting if bounds.has_taker(one)):
        return f"{owed} wait for ever"
    for parcel in standing(world.rows, rows.FREED):
        if not _somebody_has(world, parcel) and not _excused(world, parcel, bounds):
            return f"{parcel} was freed, and the consumer never has it"
    return ""


def turning(world: World, bounds: Bounds) -> str:
    """Return what is wrong when a calm world comes back here for ever; empty when nothing.

    What only one takes that stays away is sent again and again, and holds up nothing else.
    """
    waiting = standing(world.rows, *rows.UNDELIVERED)
    if all(bounds.has_taker(one) for one in waiting):
        return "a calm world goes round in circles"
    return unsettled(world, bounds)


def _twice(world: World) -> str:
    for consumer in world.consumers:
        for parcel, count in enumerate(consumer.have):
            if count > 1:
                return f"the consumer has {parcel} {count} times"
    return ""


def _lost(world: World, bounds: Bounds) -> str:
    """`ingest`: what is freed is on a consumer's disk. `puback`: or a taker lost it since."""
    for parcel in standing(world.rows, rows.FREED):
        if _somebody_has(world, parcel) or _excused(world, parcel, bounds):
            continue
        if bounds.confirm == "ingest":
            return f"{parcel} was freed, and the consumer does not have it"
        if not _on_its_way(world, parcel, bounds):
            return f"{parcel} was freed, and nobody has it"
    return ""


def _somebody_has(world: World, parcel: int) -> bool:
    return any(consumer.have[parcel] for consumer in world.consumers)


def _excused(world: World, parcel: int, bounds: Bounds) -> bool:
    """Whether the weaker law of `puback` lets it be: a taker lost it, or wants it no more.

    A picture is of no use to whom its manifest never reached.
    """
    if bounds.confirm == "ingest":
        return False
    if is_picture(parcel) and _excused(world, manifest_of(parcel), bounds):
        return True
    return parcel in world.rejected or (bounds.rules.may_lose and parcel in world.lost)


def _on_its_way(world: World, parcel: int, bounds: Bounds) -> bool:
    parts = [(parcel, part) for part in range(parts_of(parcel, bounds.parts))]
    for mailbox, consumer in zip(world.broker.mailboxes, world.consumers, strict=True):
        there = {*mailbox.store, *consumer.halves}
        if parcel in consumer.taken or there.issuperset(parts):
            return True
    return False


def _pictures(world: World) -> str:
    """A confirmed manifest leaves its picture, and nothing else does; a promise is kept."""
    for manifest in range(HELD_FROM, len(world.rows), 2):
        picture = picture_of(manifest)
        if (world.rows[manifest] == rows.FREED) != (world.rows[picture] != rows.NONE):
            stand = f"{world.rows[manifest]}, its picture {world.rows[picture]}"
            return f"the manifest {manifest} is {stand}: a sample has one row"
        if picture in world.promised and world.rows[picture] in {rows.HELD, rows.NONE}:
            return f"{picture} was promised, and is not to be sent"
    return ""


def _windows(world: World, bounds: Bounds) -> str:
    if world.line is not None and len(world.line.wire) > bounds.receive_maximum:
        return f"{len(world.line.wire)} messages are unanswered"
    counted = world.memory.in_flight if world.memory is not None else ()
    messages = sum(count for _, count in counted)
    if len(counted) > 1 and messages > bounds.most_handed_over:
        return f"{messages} messages are handed over"
    under_way = len(standing(world.rows, *rows.UNDER_WAY))
    if world.memory is not None and under_way > bounds.unacknowledged_parcels:
        return f"{under_way} parcels are on their way"
    again = world.memory.again if world.memory is not None else ()
    if len(again) > max(1, bounds.unacknowledged_parcels // 2):
        return f"{len(again)} parcels are on their way again"
    return ""


def _disagreement(world: World) -> str:
    """What delivery remembers is what the rows say: else a window leaks, or a row is forgotten."""
    if world.memory is None:
        return ""
    in_flight = tuple(sorted(number(one) for one, _ in world.memory.in_flight))
    sent = tuple(sorted(map(number, world.memory.sent)))
    again = tuple(sorted(map(number, world.memory.again)))
    known = (in_flight, sent, again)
    stored = (
        standing(world.rows, *rows.FLYING),
        standing(world.rows, *rows.AWAITED),
        standing(world.rows, rows.INFLIGHT_AGAIN, rows.SENT_AGAIN),
    )
    return "" if known == stored else f"delivery remembers {known}, the rows say {stored}"
