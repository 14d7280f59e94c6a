"""Whose turn it is of what was set back: who has waited longest, as in the spool."""

from __future__ import annotations

from protocol.rows import AGAIN, standing
from protocol.world import World


def in_turn(world: World) -> World:
    """Return the world after a step, with those at the end of the queue that joined it."""
    waiting = standing(world.rows, AGAIN)
    stayed = tuple(one for one in world.turns if one in waiting)
    joined = tuple(one for one in waiting if one not in stayed)
    return world._replace(turns=stayed + joined)
