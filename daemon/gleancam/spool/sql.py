"""The SQL of the moves between states, made from the table in `states.py`."""

from __future__ import annotations

from gleancam.spool.states import MOVES, Action, State


def listed(states: tuple[State, ...]) -> str:
    """Return the states as the right side of an `IN`."""
    return "(" + ", ".join(f"'{state.value}'" for state in states) + ")"


def may(action: Action) -> str:
    """Return the condition on a row under which the action may move it."""
    return f"state IN {listed(MOVES[action].origins)}"


def move(action: Action, more: str = "", where: str = "parcel_id = ?") -> str:
    """Return the statement that moves rows: UPDATE with `more` assignments, or DELETE.

    `more` and `where` are constants of this package.
    """
    to = MOVES[action].to
    if to is State.GONE:
        return f"DELETE FROM parcels WHERE {where} AND {may(action)}"  # noqa: S608 - constants
    assignments = ", ".join(filter(None, (f"state = '{to.value}'", more)))
    return f"UPDATE parcels SET {assignments} WHERE {where} AND {may(action)}"  # noqa: S608
