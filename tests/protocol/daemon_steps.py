"""What the daemon does: start, connect, read events, send, lose patience; and how it ends.

Between an event and the disk nothing is modelled: a crash there is one before the event, since
what was in memory is gone either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gleancam.delivery.state import DeliveryState
from gleancam.sinks.base import Commanded, Connected, Disconnected, SinkEvent
from gleancam.wire.command import Command
from protocol import decisions, rows
from protocol.bounds import Bounds
from protocol.explorer import Step
from protocol.line import Line, offered
from protocol.memory import Memory, freeze
from protocol.power_cut import taken_back
from protocol.presence import heard
from protocol.rows import standing
from protocol.world import World, spent, united


def calm(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    """Yield what the daemon does by itself, patience apart."""
    if world.memory is None:
        yield Step("the daemon starts", _started(world, bounds), calm=True)
        return
    if world.events:
        what = f"the daemon reads {_called(world.events[0])}"
        yield Step(what, _read(world, world.memory, bounds), calm=True)
    if world.line is None:
        yield Step("the device connects", _connected(world, bounds), calm=True)
    else:
        for again in (False, True):
            yield from _sendings(world, world.memory, world.line, bounds, again=again)
    if world.memory.held:
        memory = world.memory._replace(held=False)
        yield Step("the daemon has waited", world._replace(memory=memory), calm=True)


def impatience(world: World, bounds: Bounds, *, calm: bool) -> Iterator[Step[World]]:
    """Yield how what was sent becomes due again: in a calm world, when nothing else happens."""
    rules = bounds.rules
    if world.memory is None or not decisions.may_expire(
        world.memory, rules.delivery, bounds.policy
    ):
        return
    before = world if calm else spent(world, "late")
    if before is None:
        return
    for parcel in standing(world.rows, *rows.AWAITED):
        after = before._replace(
            rows=rules.spool(world.rows, "expire_sent", [parcel]),
            memory=decisions.expired(world.memory, parcel, rules.delivery, bounds.policy),
        )
        yield Step(f"nobody acknowledged {parcel} in time", after, calm)


def faults(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if world.memory is None:
        return
    if (fewer := spent(world, "crash")) is not None:
        yield Step("the daemon crashes", _down(fewer), calm=False)
    if (fewer := spent(world, "power")) is not None:
        for what, back in taken_back(world, bounds):
            after = _down(fewer)._replace(rows=back)
            yield Step(f"a power cut takes back {what}", after, calm=False)
    if world.line is not None and (fewer := spent(world, "cut")) is not None:
        yield Step("the device's connection ends", without_line(fewer), calm=False)
    yield from _given_up(world, world.memory, bounds)


def without_line(world: World) -> World:
    """Return the world after the device's connection ended: what was under way is lost."""
    if world.line is None:
        return world
    return world._replace(line=None, there=(), events=(*world.events, Disconnected("")))


def _given_up(world: World, memory: Memory, bounds: Bounds) -> Iterator[Step[World]]:
    spool = bounds.rules.spool
    if (fewer := spent(world, "evict")) is not None:
        for parcel in standing(world.rows, *rows.WAITING, rows.HELD):
            after = fewer._replace(rows=spool(world.rows, "evict", [parcel]))
            yield Step(f"{parcel} is evicted", after, calm=False)
    if (fewer := spent(world, "age")) is not None:
        for parcel in standing(world.rows, *rows.WAITING, *rows.AWAITED, rows.HELD):
            rules = bounds.rules
            after = fewer._replace(rows=spool(world.rows, "age_out", [parcel]))
            if rules.delivery_hears_of_age:
                known = decisions.expired(memory, parcel, rules.delivery, bounds.policy)
                after = after._replace(memory=known)
            yield Step(f"{parcel} becomes too old", after, calm=False)


def _started(world: World, bounds: Bounds) -> World:
    rules = bounds.rules
    found = rules.spool(world.rows, "restart", None) if rules.restart_resets else world.rows
    return world._replace(rows=found, memory=freeze(DeliveryState(bounds.policy)))


def _down(world: World) -> World:
    return world._replace(memory=None, line=None, there=(), events=())


def _connected(world: World, bounds: Bounds) -> World:
    """A session with subscriptions; the broker sends at once which consumers are there."""
    after = world._replace(
        line=Line(),
        events=(*world.events, Connected(bounds.limits, 1)),
        broker=world.broker._replace(device_session=True),
    )
    for at, mailbox in enumerate(world.broker.mailboxes):
        if mailbox.presence:
            after = heard(after, at, bounds, online=True)
    return after


def _read(world: World, memory: Memory, bounds: Bounds) -> World:
    event, spool = world.events[0], bounds.rules.spool
    known, actions = decisions.received(memory, event, bounds.rules.delivery, bounds.policy)
    found, promised = decisions.settled(world.rows, actions, spool), world.promised
    if isinstance(event, Commanded) and isinstance(event.request.body, Command):
        found, coming = decisions.obeyed(found, event.request.body, spool)
        promised = united(promised, coming)
    return world._replace(memory=known, rows=found, promised=promised, events=world.events[1:])


def _called(event: SinkEvent) -> str:
    return event.request.name if isinstance(event, Commanded) else str(event)


def _sendings(
    world: World, memory: Memory, line: Line, bounds: Bounds, *, again: bool
) -> Iterator[Step[World]]:
    """Any of what is ready, as many as there is room for: which are due is left open.

    First those whose turn it is.
    """
    rules = bounds.rules
    ready = world.turns if again else standing(world.rows, rows.READY)
    room = decisions.room(memory, rules.delivery, bounds.policy, again=again)
    for count in range(min(room, len(ready)), 0, -1):
        for chosen in combinations(ready, count):
            after = line
            for parcel in chosen:
                after = offered(after, parcel, bounds.limits, bounds.parts)
            known = decisions.handed_over(memory, chosen, bounds, again=again)
            claimed = rules.spool(world.rows, "claim", chosen)
            state = world._replace(rows=claimed, memory=known, line=after)
            what = f"the daemon sends {', '.join(map(str, chosen))}{' again' if again else ''}"
            yield Step(what, state, calm=True)
