"""What the consumer does: put parcels together, write durably, acknowledge; and how it fails."""

from __future__ import annotations

from collections.abc import Iterator

from protocol.explorer import Step
from protocol.inbox import presence_event
from protocol.world import Bounds, Consumer, Part, Verdict, World, put, spent, united, without


def took(consumer: Consumer, part: Part, bounds: Bounds) -> Consumer:
    """Return the consumer after a message came.

    What is safe is answered again when its manifest comes; what is in work gets its answer anyway.
    """
    parcel = part[0]
    is_manifest = part[1] == bounds.parts - 1
    if parcel in consumer.seen:
        again = united(consumer.to_answer, (parcel,)) if is_manifest else consumer.to_answer
        return consumer._replace(to_answer=again)
    if parcel in consumer.taken:
        return consumer
    halves = {part, *consumer.halves}
    mine = {one for one in halves if one[0] == parcel}
    if len(mine) < bounds.parts:
        return consumer._replace(halves=tuple(sorted(halves)))
    early = () if bounds.rules.writes_before_ack else (parcel,)
    return consumer._replace(
        halves=tuple(sorted(halves - mine)),
        taken=united(consumer.taken, (parcel,)),
        to_answer=united(consumer.to_answer, early),
    )


def calm(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    consumer = world.consumer
    if not consumer.up:
        after = world._replace(consumer=consumer._replace(up=True))
        yield Step("the consumer starts", after, calm=True)
        return
    if not consumer.online:
        yield Step("the consumer connects", _connected(world), calm=True)
    for parcel in consumer.taken:
        if parcel not in consumer.to_answer:
            after = world._replace(consumer=_written(consumer, parcel, bounds))
            yield Step(f"the consumer writes {parcel}", after, calm=True)
    for parcel in consumer.to_answer:
        yield Step(f"the consumer acknowledges {parcel}", _answered(world, parcel), calm=True)


def faults(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if not world.consumer.up:
        return
    if (fewer := spent(world, "consumer")) is not None:
        yield Step("the consumer crashes", _crashed(fewer, bounds), calm=False)
    if world.consumer.online and (fewer := spent(world, "leave")) is not None:
        after = _away(fewer)
        yield Step("the consumer's connection ends", after, calm=False)
    if (fewer := spent(world, "mute")) is not None:
        for parcel in world.consumer.to_answer:
            left = without(world.consumer.to_answer, parcel)
            after = fewer._replace(consumer=world.consumer._replace(to_answer=left))
            yield Step(f"the acknowledgement of {parcel} is lost", after, calm=False)
    if (fewer := spent(world, "reject")) is not None:
        for parcel in world.consumer.taken:
            yield Step(f"the consumer rejects {parcel}", _rejected(fewer, parcel), calm=False)


def _written(consumer: Consumer, parcel: int, bounds: Bounds) -> Consumer:
    have = tuple(count + (at == parcel) for at, count in enumerate(consumer.have))
    answer = (parcel,) if bounds.rules.writes_before_ack else ()
    return consumer._replace(
        have=have,
        seen=united(consumer.seen, (parcel,)),
        taken=without(consumer.taken, parcel),
        to_answer=united(consumer.to_answer, answer),
    )


def _answered(world: World, parcel: int) -> World:
    left = without(world.consumer.to_answer, parcel)
    told = _published(world, parcel, "ack")
    return told._replace(consumer=world.consumer._replace(to_answer=left))


def _published(world: World, parcel: int, verdict: Verdict) -> World:
    """Nothing is queued without a connection, or for a device without a session."""
    if not (world.consumer.online and world.broker.device_session):
        return world
    acks = put(world.broker.acks, (parcel, verdict))
    return world._replace(broker=world.broker._replace(acks=acks))


def _rejected(world: World, parcel: int) -> World:
    consumer = world.consumer._replace(taken=without(world.consumer.taken, parcel))
    told = _published(world, parcel, "reject")
    return told._replace(consumer=consumer, rejected=united(world.rejected, (parcel,)))


def _connected(world: World) -> World:
    broker = world.broker._replace(consumer_session=True)
    consumer = world.consumer._replace(online=True)
    return _present(world._replace(broker=broker, consumer=consumer), online=True)


def _crashed(world: World, bounds: Bounds) -> World:
    """What was only in memory is lost: the broker has been told that it arrived."""
    consumer = world.consumer
    held = united(consumer.taken, tuple(parcel for parcel, _ in consumer.halves))
    seen = consumer.seen if bounds.rules.remembers else ()
    down = Consumer(seen, consumer.have, up=False)
    return _away(world)._replace(consumer=down, lost=united(world.lost, held))


def _away(world: World) -> World:
    """The broker publishes the will."""
    consumer = world.consumer._replace(online=False)
    gone = world._replace(consumer=consumer)
    return _present(gone, online=False) if world.consumer.online else gone


def _present(world: World, *, online: bool) -> World:
    if world.broker.presence == online:
        return world
    heard = (presence_event(online=online),) if world.line is not None else ()
    broker = world.broker._replace(presence=online)
    return world._replace(broker=broker, events=(*world.events, *heard))
