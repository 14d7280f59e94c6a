"""Faults for worlds in which only some kinds may happen."""

from __future__ import annotations

from protocol.world import Faults

NOTHING = Faults(*[0] * len(Faults._fields))


def one_of(*kinds: str) -> Faults:
    """Return that one of these goes wrong, once."""
    return NOTHING._replace(total=1, **dict.fromkeys(kinds, 1))
