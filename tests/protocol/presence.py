"""What the device hears of consumers that come and go: the broker keeps the last word of each."""

from __future__ import annotations

from protocol.bounds import Bounds
from protocol.inbox import presence_heard
from protocol.world import World


def heard(world: World, consumer: int, bounds: Bounds, *, online: bool) -> World:
    """Return the world after the device's session read it."""
    there, events = presence_heard(world.there, consumer, online=online, kind=bounds.rules.watch)
    return world._replace(there=there, events=(*world.events, *events))


def said(world: World, consumer: int, bounds: Bounds, *, online: bool) -> World:
    """Return the world after a consumer, or its will, said so."""
    mailbox = world.broker.mailboxes[consumer]
    if mailbox.presence == online:
        return world
    after = world.with_mailbox(consumer, mailbox._replace(presence=online))
    return after if world.line is None else heard(after, consumer, bounds, online=online)
