"""What the broker does: take over, answer, pass on (QoS 1: at least once); and how it fails."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.sinks.base import SinkEvent
from gleancam.sinks.puback import NO_MATCHING_SUBSCRIBERS, SUCCESS
from protocol.consumer_steps import took
from protocol.daemon_steps import without_line
from protocol.explorer import Step
from protocol.inbox import NOBODYS, answer_event
from protocol.line import Line, answered
from protocol.world import Acks, Bounds, Broker, World, put, spent, taken_out, united

QUOTA_EXCEEDED = 0x97
PAYLOAD_INVALID = 0x99


def calm(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if world.line is not None:
        yield from _traffic(world, world.line, bounds)
        for parcel, verdict in dict.fromkeys(world.broker.acks):
            left = taken_out(world.broker.acks, (parcel, verdict))
            after = _heard(world, answer_event(parcel, verdict), left)
            yield Step(f"the device hears: {verdict} {parcel}", after, calm=True)
    if world.consumer.online:
        for part in dict.fromkeys(world.broker.store):
            store = taken_out(world.broker.store, part)
            after = world._replace(
                broker=world.broker._replace(store=store),
                consumer=took(world.consumer, part, bounds),
            )
            yield Step(f"the consumer gets {part}", after, calm=True)


def faults(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if (fewer := spent(world, "broker")) is not None:
        yield from _crashes(fewer)
    if (fewer := spent(world, "again")) is not None:
        yield from _repetitions(fewer, bounds)
    if world.line is None:
        return
    if (fewer := spent(world, "stray")) is not None:
        after = _heard(fewer, answer_event(NOBODYS, "ack"), world.broker.acks)
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
    if world.broker.consumer_session:
        broker = world.broker._replace(store=put(world.broker.store, part))
        return world._replace(line=line.marked(at, SUCCESS), broker=broker)
    if bounds.rules.answers_nobody:
        return world._replace(line=line.marked(at, NO_MATCHING_SUBSCRIBERS))
    return world._replace(line=line.marked(at, SUCCESS), lost=united(world.lost, part[:1]))


def _heard(world: World, event: SinkEvent, acks: Acks) -> World:
    return world._replace(events=(*world.events, event), broker=world.broker._replace(acks=acks))


def _repetitions(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    """The other side's PUBACK is lost: what it has taken is passed on, and comes again."""
    if world.line is not None:
        for parcel, verdict in dict.fromkeys(world.broker.acks):
            after = _heard(world, answer_event(parcel, verdict), world.broker.acks)
            what = f"the device hears, not for the last time: {verdict} {parcel}"
            yield Step(what, after, calm=False)
    if world.consumer.online:
        for part in dict.fromkeys(world.broker.store):
            after = world._replace(consumer=took(world.consumer, part, bounds))
            yield Step(f"the consumer gets {part}, not for the last time", after, calm=False)


def _crashes(world: World) -> Iterator[Step[World]]:
    """With everything on its disk; with sessions there and not their messages; with nothing."""
    gone = world.consumer._replace(online=False)
    for what, broker in (
        ("and loses nothing", world.broker),
        ("and loses messages", world.broker._replace(store=(), acks=())),
        ("and forgets everything", Broker()),
    ):
        lost = () if broker.store else tuple(parcel for parcel, _ in world.broker.store)
        after = without_line(world)._replace(
            broker=broker, consumer=gone, lost=united(world.lost, lost)
        )
        yield Step(f"the broker crashes {what}", after, calm=False)
