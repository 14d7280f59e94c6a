"""The SQL of the moves between states, made from the table in `states.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from gleancam.spool.states import MOVES, Action, State

NAMED = "parcel_id IN (SELECT value FROM json_each(?))"
"""The condition on a row to be one of an `array` of ids. One statement for all of them: at every
step of SQLite another thread may take the interpreter, and has to give it back."""


def array(values: Iterable[str | int]) -> str:
    """Return what `json_each` takes."""
    return json.dumps(list(values))


def listed(states: tuple[State, ...]) -> str:
    """Return the states as the right side of an `IN`."""
    return _listed([state.value for state in states])


def may(action: Action, state: str = "state") -> str:
    """Return the condition on a row under which the action may move it."""
    row = MOVES[action]
    kinds = f" AND kind IN {_listed(row.of)}" if row.of else ""
    return f"{state} IN {listed(row.origins)}{kinds}"


def _listed(values: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def move(action: Action, more: str = "", where: str = "parcel_id = ?") -> str:
    """Return the statement that moves rows: UPDATE with `more` assignments, or DELETE.

    `more` and `where` are constants of this package.
    """
    to = MOVES[action].to
    # The plus keeps SQLite from going through all rows of a state to find those that are named.
    rows = f"{where} AND {may(action, '+state' if where == NAMED else 'state')}"
    if to is State.GONE:
        return f"DELETE FROM parcels WHERE {rows}"  # noqa: S608 - constants
    assignments = ", ".join(filter(None, (f"state = '{to.value}'", more)))
    return f"UPDATE parcels SET {assignments} WHERE {rows}"  # noqa: S608
