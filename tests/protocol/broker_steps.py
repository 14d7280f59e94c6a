"""What the broker does: take over, answer, pass on (QoS 1: at least once); and how it fails."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.sinks.base import SinkEvent
from gleancam.sinks.puback import NO_MATCHING_SUBSCRIBERS, SUCCESS
from protocol.bounds import Bounds
from protocol.consumer_steps import called, took
from protocol.daemon_steps import without_line
from protocol.explorer import Step
from protocol.inbox import word_event
from protocol.line import Line, answered
from protocol.numbering import NOBODYS
from protocol.world import Broker, Mailbox, Words, World, put, spent, taken_out, united

QUOTA_EXCEEDED = 0x97
PAYLOAD_INVALID = 0x99


def calm(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if world.line is not None:
        yield from _traffic(world, world.line, bounds)
        for parcel, word in dict.fromkeys(world.broker.words):
            left = taken_out(world.broker.words, (parcel, word))
            after = _heard(world, word_event(parcel, word), left)
            yield Step(f"the device hears: {word} {parcel}", after, calm=True)
    for at, mailbox in enumerate(world.broker.mailboxes):
        if not world.consumers[at].online:
            continue
        for part in dict.fromkeys(mailbox.store):
            store = taken_out(mailbox.store, part)
            got = world.with_consumer(at, took(world.consumers[at], part, bounds))
            after = got.with_mailbox(at, mailbox._replace(store=store))
            yield Step(f"{called(at, bounds)} gets {part}", after, calm=True)


def faults(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if (fewer := spent(world, "broker")) is not None:
        yield from _crashes(fewer)
    if (fewer := spent(world, "again")) is not None:
        yield from _repetitions(fewer, bounds)
    if world.line is None:
        return
    if (fewer := spent(world, "stray")) is not None:
        after = _heard(fewer, word_event(NOBODYS, "ack"), world.broker.words)
        yield Step("the device hears: ack of a parcel nobody knows", after, calm=False)
    at = world.line.first(going=True)
    if at is not None and (fewer := spent(world, "refuse")) is not None:
        for code in (NO_MATCHING_SUBSCRIBERS, QUOTA_EXCEEDED, PAYLOAD_INVALID):
            after = fewer._replace(line=world.line.marked(at, code))
            yield Step(f"the broker refuses {world.line.wire[at]}: {code:#x}", after, calm=False)


def _traffic(world: World, line: Line, bounds: Bounds) -> Iterator[Step[World]]:
    if (at := line.first(going=False)) is not None:
        after, events = answered(line, at, bounds.limits, bounds.parts)
        state = world._replace(line=after, events=(*world.events, *events))
        yield Step(f"the device reads the answer to {line.wire[at]}", state, calm=True)
    if (at := line.first(going=True)) is not None:
        yield Step(f"the broker takes {line.wire[at]}", _taken(world, line, at, bounds), calm=True)


def _taken(world: World, line: Line, at: int, bounds: Bounds) -> World:
    """Without a subscriber the message is thrown away: MQTT 5 says so, 3.1.1 does not."""
    part = (line.parcel(line.wire[at]), line.wire[at].part)
    after, is_stored = world, False
    for one, mailbox in enumerate(world.broker.mailboxes):
        if mailbox.session and bounds.subscribes(one, part[0]):
            is_stored = True
            if part in mailbox.store and one in bounds.sometimes:
                continue  # a queue that nobody reads is full at some time
            kept = mailbox._replace(store=put(mailbox.store, part))
            after = after.with_mailbox(one, kept)
    if is_stored:
        return after._replace(line=line.marked(at, SUCCESS))
    if bounds.rules.answers_nobody:
        return world._replace(line=line.marked(at, NO_MATCHING_SUBSCRIBERS))
    return world._replace(line=line.marked(at, SUCCESS), lost=united(world.lost, part[:1]))


def _heard(world: World, event: SinkEvent, words: Words) -> World:
    return world._replace(events=(*world.events, event), broker=world.broker._replace(words=words))


def _repetitions(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    """The other side's PUBACK is lost: what it has taken is passed on, and comes again."""
    if world.line is not None:
        for parcel, word in dict.fromkeys(world.broker.words):
            after = _heard(world, word_event(parcel, word), world.broker.words)
            what = f"the device hears, not for the last time: {word} {parcel}"
            yield Step(what, after, calm=False)
    for at, mailbox in enumerate(world.broker.mailboxes):
        if not world.consumers[at].online:
            continue
        for part in dict.fromkeys(mailbox.store):
            after = world.with_consumer(at, took(world.consumers[at], part, bounds))
            what = f"{called(at, bounds)} gets {part}, not for the last time"
            yield Step(what, after, calm=False)


def _crashes(world: World) -> Iterator[Step[World]]:
    """With everything on its disk; with sessions there and not their messages; with nothing."""
    gone = tuple(consumer._replace(online=False) for consumer in world.consumers)
    boxes = world.broker.mailboxes
    emptied = tuple(box._replace(store=()) for box in boxes)
    stored = tuple(parcel for box in boxes for parcel, _ in box.store)
    for what, broker, lost in (
        ("and loses nothing", world.broker, ()),
        ("and loses messages", world.broker._replace(mailboxes=emptied, words=()), stored),
        ("and forgets everything", Broker((Mailbox(),) * len(boxes)), stored),
    ):
        after = without_line(world)._replace(
            broker=broker, consumers=gone, lost=united(world.lost, lost)
        )
        yield Step(f"the broker crashes {what}", after, calm=False)
