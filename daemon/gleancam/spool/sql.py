"""The SQL of the moves between states, made from the table in `states.py`."""

from __future__ import annotations

from collections.abc import Sequence

from gleancam.spool.states import MOVES, Action, State


def listed(states: tuple[State, ...]) -> str:
    """Return the states as the right side of an `IN`."""
    return _listed([state.value for state in states])


def may(action: Action) -> str:
    """Return the condition on a row under which the action may move it."""
    row = MOVES[action]
    kinds = f" AND kind IN {_listed(row.of)}" if row.of else ""
    return f"state IN {listed(row.origins)}{kinds}"


def _listed(values: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def move(action: Action, more: str = "", where: str = "parcel_id = ?") -> str:
    """Return the statement that moves rows: UPDATE with `more` assignments, or DELETE.

    `more` and `where` are constants of this package.
    """
    to = MOVES[action].to
    if to is State.GONE:
        return f"DELETE FROM parcels WHERE {where} AND {may(action)}"  # noqa: S608 - constants
    assignments = ", ".join(filter(None, (f"state = '{to.value}'", more)))
    return f"UPDATE parcels SET {assignments} WHERE {where} AND {may(action)}"  # noqa: S608
