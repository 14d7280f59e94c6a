"""What the daemon does: start, connect, read events, send, lose patience; and how it ends.

Between an event and the disk nothing is modelled: a crash there is one before the event, since
what was in memory is gone either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gleancam.delivery.state import DeliveryState
from gleancam.sinks.base import Connected, Disconnected
from protocol import decisions, rows
from protocol.explorer import Step
from protocol.inbox import presence_event
from protocol.line import Line, offered
from protocol.memory import Memory, freeze
from protocol.rows import move, standing
from protocol.world import Bounds, World, spent


def calm(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    """Yield what the daemon does by itself, patience apart."""
    if world.memory is None:
        yield Step("the daemon starts", _started(world, bounds), calm=True)
        return
    if world.events:
        what = f"the daemon reads {world.events[0]}"
        yield Step(what, _read(world, world.memory, bounds), calm=True)
    if world.line is None:
        yield Step("the device connects", _connected(world, bounds), calm=True)
    else:
        yield from _sendings(world, world.memory, world.line, bounds)
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
    for parcel in standing(world.rows, rows.SENT):
        after = before._replace(
            rows=move(world.rows, "expire_sent", [parcel]),
            memory=decisions.expired(world.memory, parcel, rules.delivery, bounds.policy),
        )
        yield Step(f"nobody acknowledged {parcel} in time", after, calm)


def faults(world: World, bounds: Bounds) -> Iterator[Step[World]]:
    if world.memory is None:
        return
    if (fewer := spent(world, "crash")) is not None:
        yield Step("the daemon crashes", _down(fewer), calm=False)
    if (fewer := spent(world, "power")) is not None:
        for parcel in standing(world.rows, rows.FREED, rows.DEAD):
            back = list(world.rows)
            back[parcel] = rows.READY
            what = f"a power cut takes back the end of {parcel}"
            yield Step(what, _down(fewer)._replace(rows=tuple(back)), calm=False)
    if world.line is not None and (fewer := spent(world, "cut")) is not None:
        yield Step("the device's connection ends", without_line(fewer), calm=False)
    yield from _given_up(world, world.memory, bounds)


def without_line(world: World) -> World:
    """Return the world after the device's connection ended: what was under way is lost."""
    if world.line is None:
        return world
    return world._replace(line=None, events=(*world.events, Disconnected("")))


def _given_up(world: World, memory: Memory, bounds: Bounds) -> Iterator[Step[World]]:
    if (fewer := spent(world, "evict")) is not None:
        for parcel in standing(world.rows, rows.READY):
            after = fewer._replace(rows=move(world.rows, "evict", [parcel]))
            yield Step(f"{parcel} is evicted", after, calm=False)
    if (fewer := spent(world, "age")) is not None:
        for parcel in standing(world.rows, rows.READY, rows.SENT):
            rules = bounds.rules
            after = fewer._replace(rows=move(world.rows, "age_out", [parcel]))
            if rules.delivery_hears_of_age:
                known = decisions.expired(memory, parcel, rules.delivery, bounds.policy)
                after = after._replace(memory=known)
            yield Step(f"{parcel} becomes too old", after, calm=False)


def _started(world: World, bounds: Bounds) -> World:
    found = move(world.rows, "restart") if bounds.rules.restart_resets else world.rows
    return world._replace(rows=found, memory=freeze(DeliveryState(bounds.policy)))


def _down(world: World) -> World:
    return world._replace(memory=None, line=None, events=())


def _connected(world: World, bounds: Bounds) -> World:
    """A session with subscriptions; the broker sends at once whether a consumer is there."""
    heard = (presence_event(online=True),) if world.broker.presence else ()
    return world._replace(
        line=Line(),
        events=(*world.events, Connected(bounds.limits, 1), *heard),
        broker=world.broker._replace(device_session=True),
    )


def _read(world: World, memory: Memory, bounds: Bounds) -> World:
    known, actions = decisions.received(
        memory, world.events[0], bounds.rules.delivery, bounds.policy
    )
    return world._replace(
        memory=known, rows=decisions.settled(world.rows, actions), events=world.events[1:]
    )


def _sendings(world: World, memory: Memory, line: Line, bounds: Bounds) -> Iterator[Step[World]]:
    """Any of what is ready, as many as there is room for: which are due is left open."""
    ready = standing(world.rows, rows.READY)
    room = decisions.room(memory, bounds.rules.delivery, bounds.policy)
    for count in range(min(room, len(ready)), 0, -1):
        for chosen in combinations(ready, count):
            after = line
            for parcel in chosen:
                after = offered(after, parcel, bounds.limits, bounds.parts)
            known = decisions.handed_over(
                memory, chosen, bounds.parts, bounds.rules.delivery, bounds.policy
            )
            claimed = move(world.rows, "claim", chosen)
            state = world._replace(rows=claimed, memory=known, line=after)
            yield Step(f"the daemon sends {', '.join(map(str, chosen))}", state, calm=True)
