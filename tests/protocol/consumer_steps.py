"""What a consumer does: put parcels together, write durably, acknowledge; and how it fails."""

from __future__ import annotations

from collections.abc import Iterator

from protocol.bounds import Bounds
from protocol.explorer import Step
from protocol.inbox import Word
from protocol.numbering import is_manifest, is_picture, manifest_of, picture_of
from protocol.parcels_sent import parts_of
from protocol.presence import said
from protocol.world import Consumer, Part, World, put, spent, united, without


def called(at: int, bounds: Bounds) -> str:
    """Return what steps call a consumer."""
    return f"consumer {at}" if bounds.filters else "the consumer"


def took(consumer: Consumer, part: Part, bounds: Bounds) -> Consumer:
    """Return the consumer after a message came.

    What is safe is answered again when its manifest comes; what is in work gets its answer anyway.
    """
    parcel = part[0]
    parts = parts_of(parcel, bounds.parts)
    if parcel in consumer.seen:
        is_last = part[1] == parts - 1
        again = united(consumer.to_answer, (parcel,)) if is_last else consumer.to_answer
        return consumer._replace(to_answer=again)
    if parcel in consumer.taken:
        return consumer
    halves = {part, *consumer.halves}
    mine = {one for one in halves if one[0] == parcel}
    if len(mine) < parts or _is_nobodys(consumer, parcel):
        return consumer._replace(halves=tuple(sorted(halves)))
    return _complete(consumer._replace(halves=tuple(sorted(halves - mine))), parcel, bounds)


def calm(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    for at, consumer in enumerate(world.consumers):
        yield from _works(world, at, consumer, bounds)


def faults(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    for at, consumer in enumerate(world.consumers):
        if consumer.up:
            yield from _fails(world, at, consumer, bounds)


def _works(world: World, at: int, consumer: Consumer, bounds: Bounds) -> Iterator[Step[World]]:
    who, comes_back = called(at, bounds), at not in bounds.sometimes
    if not consumer.up:
        after = world.with_consumer(at, consumer._replace(up=True))
        yield Step(f"{who} starts", after, comes_back)
        return
    if not consumer.online:
        yield Step(f"{who} connects", _connected(world, at, bounds), comes_back)
    for parcel in consumer.taken:
        if parcel not in consumer.to_answer and not _is_early(consumer, parcel):
            after = world.with_consumer(at, _written(consumer, parcel, bounds))
            yield Step(f"{who} writes {parcel}", after, calm=True)
    for parcel in consumer.to_answer:
        after = _answered(world, at, parcel, bounds)
        yield Step(f"{who} acknowledges {parcel}", after, calm=True)


def _fails(world: World, at: int, consumer: Consumer, bounds: Bounds) -> Iterator[Step[World]]:
    who = called(at, bounds)
    if (fewer := spent(world, "consumer")) is not None:
        yield Step(f"{who} crashes", _crashed(fewer, at, bounds), calm=False)
    if consumer.online and (fewer := spent(world, "leave")) is not None:
        yield Step(f"{who}'s connection ends", _away(fewer, at, bounds), calm=False)
    if (fewer := spent(world, "mute")) is not None:
        for parcel in consumer.to_answer:
            left = without(consumer.to_answer, parcel)
            after = fewer.with_consumer(at, consumer._replace(to_answer=left))
            yield Step(f"{who}'s acknowledgement of {parcel} is lost", after, calm=False)
    if (fewer := spent(world, "reject")) is not None:
        unwanted = tuple(picture_of(one) for one in consumer.seen if is_manifest(one))
        for parcel in united(consumer.taken, unwanted):
            if parcel not in consumer.seen:
                yield Step(f"{who} rejects {parcel}", _rejected(fewer, at, parcel), calm=False)


def _is_nobodys(consumer: Consumer, parcel: int) -> bool:
    """Whether it is a picture without its manifest: it has to wait."""
    if not is_picture(parcel):
        return False
    return manifest_of(parcel) not in consumer.seen + consumer.taken


def _is_early(consumer: Consumer, parcel: int) -> bool:
    """Whether it is a picture whose manifest is not written: what is handed out keeps its order."""
    return is_picture(parcel) and manifest_of(parcel) in consumer.taken


def _complete(consumer: Consumer, parcel: int, bounds: Bounds) -> Consumer:
    """Return the consumer that hands out a parcel, and a picture that waited for it."""
    early = () if bounds.rules.writes_before_ack else (parcel,)
    after = consumer._replace(
        taken=united(consumer.taken, (parcel,)), to_answer=united(consumer.to_answer, early)
    )
    waited = (picture_of(parcel), 0)
    return took(after, waited, bounds) if is_manifest(parcel) and waited in after.halves else after


def _written(consumer: Consumer, parcel: int, bounds: Bounds) -> Consumer:
    have = tuple(count + (at == parcel) for at, count in enumerate(consumer.have))
    answer = (parcel,) if bounds.rules.writes_before_ack else ()
    return consumer._replace(
        have=have,
        seen=united(consumer.seen, (parcel,)),
        taken=without(consumer.taken, parcel),
        to_answer=united(consumer.to_answer, answer),
    )


def _answered(world: World, at: int, parcel: int, bounds: Bounds) -> World:
    left = without(world.consumers[at].to_answer, parcel)
    told = world.with_consumer(at, world.consumers[at]._replace(to_answer=left))
    named = (parcel,) if bounds.rules.acknowledges_only_its_own else range(len(world.rows))
    for one in named:
        told = _published(told, at, one, "ack")
    return told


def _published(world: World, at: int, parcel: int, word: Word) -> World:
    """Nothing is queued without a connection, or for a device without a session."""
    if not (world.consumers[at].online and world.broker.device_session):
        return world
    words = put(world.broker.words, (parcel, word))
    return world._replace(broker=world.broker._replace(words=words))


def _rejected(world: World, at: int, parcel: int) -> World:
    consumer = world.consumers[at]
    told = _published(world, at, parcel, "reject")
    after = told.with_consumer(at, consumer._replace(taken=without(consumer.taken, parcel)))
    return after._replace(rejected=united(world.rejected, (parcel,)))


def _connected(world: World, at: int, bounds: Bounds) -> World:
    mailbox = world.broker.mailboxes[at]._replace(session=True)
    consumer = world.consumers[at]._replace(online=True)
    after = world.with_mailbox(at, mailbox).with_consumer(at, consumer)
    return said(after, at, bounds, online=True)


def _crashed(world: World, at: int, bounds: Bounds) -> World:
    """What was only in memory is lost: the broker has been told that it arrived."""
    consumer = world.consumers[at]
    held = united(consumer.taken, tuple(parcel for parcel, _ in consumer.halves))
    seen = consumer.seen if bounds.rules.remembers else ()
    down = _away(world, at, bounds).with_consumer(at, Consumer(seen, consumer.have, up=False))
    return down._replace(lost=united(world.lost, held))


def _away(world: World, at: int, bounds: Bounds) -> World:
    """The broker publishes the will."""
    consumer = world.consumers[at]
    gone = world.with_consumer(at, consumer._replace(online=False))
    return said(gone, at, bounds, online=False) if consumer.online else gone
