"""Every action on a parcel in every state does what the table says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gleancam.spool import losses, rows
from gleancam.spool.queue import Spool
from gleancam.spool.states import MOVES, STORED, TRANSITIONS, UNDELIVERED, Action, State
from parcels import made_parcel

NAME = "parcel-1"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0)) as spool:
        yield spool


def give_up(action: Action) -> Callable[[Spool], object]:
    def act(spool: Spool) -> object:
        with spool._store.transaction("NORMAL") as connection:
            (seq,) = connection.execute("SELECT seq FROM parcels").fetchone()
            row = losses.Leaving(seq, NAME, "sample", "front", 0, 1, "ready")
            return losses.give_up(connection, [row], action, "evicted")

    return act


ACTS: dict[Action, Callable[[Spool], object]] = {
    Action.CLAIM: lambda spool: spool._store.change(
        lambda connection: rows.mark_in_flight(connection, [NAME])
    ),
    Action.ACCEPT: lambda spool: spool.sent([NAME], 0, 1),
    Action.RELEASE: lambda spool: spool.release([NAME]),
    Action.POSTPONE: lambda spool: spool.delay([NAME], 0, 1),
    Action.OVERDUE: lambda spool: spool.expire_sent(10**18),
    Action.DISCONNECT: lambda spool: spool.reset_in_flight(),
    Action.RESTART: lambda spool: spool._store.change(rows.restart),
    Action.FREE: lambda spool: spool.gone([NAME]),
    Action.BURY: lambda spool: spool.dead(NAME, "why"),
    Action.RETRY: lambda spool: spool.retry([NAME]),
    Action.EVICT: give_up(Action.EVICT),
    Action.EXPIRE: give_up(Action.EXPIRE),
}


def bring_to(spool: Spool, state: State) -> None:
    spool.add(made_parcel(1))
    if state is not State.READY:
        spool.claim(1, 0)
    if state is State.SENT:
        spool.sent([NAME], 0, 1)
    if state is State.DEAD:
        spool.dead(NAME, "why")


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


@pytest.mark.parametrize("state", STORED)
@pytest.mark.parametrize("action", Action)
def test_every_pair(spool: Spool, action: Action, state: State) -> None:
    bring_to(spool, state)
    assert state_of(spool) is state
    ACTS[action](spool)
    move = MOVES[action]
    expected = move.to if state in move.origins else state
    assert state_of(spool) is expected
    bodies = spool._store.connection.execute("SELECT count(*) FROM bodies").fetchone()[0]
    assert bodies == (expected is not State.GONE), "row and body go together"


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.EVICT, Action.EXPIRE}))
def test_what_is_gone_stays_gone(spool: Spool, action: Action) -> None:
    ACTS[action](spool)
    assert state_of(spool) is State.GONE
