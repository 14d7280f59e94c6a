"""Every action on a parcel in every state does what the table says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from gleancam.spool import losses, rows
from gleancam.spool.queue import Spool
from gleancam.spool.states import MOVES, STORED, TRANSITIONS, UNDELIVERED, Action, State
from gleancam.wire.parcel import Kind
from gleancam.wire.picture import picture_id, sample_of
from parcels import made_parcel

SAMPLE = "parcel-1"
KINDS: tuple[Kind, ...] = ("sample", "manifest", "picture")

Act: TypeAlias = Callable[[Spool, str], object]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0)) as spool:
        yield spool


def give_up(action: Action) -> Act:
    def act(spool: Spool, _name: str) -> object:
        with spool._store.transaction("NORMAL") as connection:
            found = connection.execute(f"SELECT {losses.LEAVING} FROM parcels").fetchall()  # noqa: S608
            leaving = [losses.Leaving(*row) for row in found]
            return losses.give_up(connection, leaving, action, "evicted")

    return act


ACTS: dict[Action, Act] = {
    Action.CLAIM: lambda spool, name: spool._store.change(
        lambda connection: rows.mark_in_flight(connection, [name])
    ),
    Action.ACCEPT: lambda spool, name: spool.sent([name], 0, 1),
    Action.RELEASE: lambda spool, name: spool.release([name]),
    Action.POSTPONE: lambda spool, name: spool.delay([name], 0, 1),
    Action.OVERDUE: lambda spool, _name: spool.expire_sent(10**18),
    Action.DISCONNECT: lambda spool, _name: spool.reset_in_flight(),
    Action.RESTART: lambda spool, _name: spool._store.change(rows.restart),
    Action.FREE: lambda spool, name: spool.gone([name]),
    Action.HOLD: lambda spool, name: spool.gone([name]),
    Action.FETCH: lambda spool, name: spool.fetch([sample_of(name)]),
    Action.BURY: lambda spool, name: spool.dead(name, "why"),
    Action.RETRY: lambda spool, name: spool.retry([name]),
    Action.EVICT: give_up(Action.EVICT),
    Action.EXPIRE: give_up(Action.EXPIRE),
}
DELIVERED = {Action.FREE, Action.HOLD}
"""One call: the kind decides."""


def bring_to(spool: Spool, state: State, kind: Kind) -> str:
    """Store a parcel of this kind, in this state; return its name."""
    name = SAMPLE if kind != "picture" else picture_id(SAMPLE)
    spool.add(replace(made_parcel(1), kind="sample" if kind == "sample" else "manifest"))
    if kind == "picture":
        spool.gone([SAMPLE])
    if kind == "picture" and state is not State.HELD:
        spool.fetch([SAMPLE])
    if state not in {State.READY, State.HELD}:
        spool.claim(1, 0)
    if state is State.SENT:
        spool.sent([name], 0, 1)
    if state is State.DEAD:
        spool.dead(name, "why")
    return name


def expected(action: Action, state: State, kind: Kind) -> State:
    moves = [MOVES[one] for one in (DELIVERED if action in DELIVERED else {action})]
    to = [move.to for move in moves if state in move.origins and kind in (move.of or KINDS)]
    return to[0] if to else state


def state_of(spool: Spool) -> State:
    found = spool.rows(9)
    return found[0].state if found else State.GONE


def test_the_table_is_whole() -> None:
    assert set(MOVES) == set(ACTS) == set(Action)
    assert set(STORED) | {State.GONE} == set(State)
    assert TRANSITIONS[State.GONE] == frozenset()
    reached = {move.to for move in MOVES.values()}
    assert reached == set(State), "every state can be reached"
    assert all(State.GONE in TRANSITIONS[state] for state in UNDELIVERED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STORED)
@pytest.mark.parametrize("action", Action)
def test_every_pair(spool: Spool, action: Action, state: State, kind: Kind) -> None:
    if state is State.HELD and kind != "picture":
        return  # never is
    name = bring_to(spool, state, kind)
    assert state_of(spool) is state
    ACTS[action](spool, name)
    now = expected(action, state, kind)
    assert state_of(spool) is now
    bodies = spool._store.connection.execute("SELECT count(*) FROM bodies").fetchone()[0]
    assert bodies == (now is not State.GONE), "row and body go together"


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.EVICT, Action.EXPIRE}))
def test_what_is_gone_stays_gone(spool: Spool, action: Action) -> None:
    ACTS[action](spool, SAMPLE)
    assert state_of(spool) is State.GONE
