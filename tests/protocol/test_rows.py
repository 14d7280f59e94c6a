"""The model's rows against the real spool: the same calls, in any order, leave the same states."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.spool.queue import Spool
from gleancam.wire.picture import sample_of
from parcels import made_parcel
from protocol.numbering import HELD_FROM, name, number, picture_of
from protocol.rows import (
    AGAIN,
    DEAD,
    FREED,
    HELD,
    INFLIGHT,
    INFLIGHT_AGAIN,
    MOVES,
    NONE,
    READY,
    SENT,
    SENT_AGAIN,
    Rows,
    move,
)

PARCELS = 3
MANIFEST, PICTURE = HELD_FROM, picture_of(HELD_FROM)
ALL = (*range(PARCELS), MANIFEST, PICTURE)
START: Rows = (*(READY,) * PARCELS, NONE, READY, NONE)
FAR_NS = 10**15
CALLS = (
    "claim", "sent", "release", "delay", "expire_sent", "reset_in_flight", "hurry", "restart",
    "gone", "dead", "fetch",
)  # fmt: skip
SCRIPTS = st.lists(st.tuples(st.sampled_from(CALLS), st.sets(st.sampled_from(ALL))), max_size=25)


def opened(folder: str) -> Spool:
    return Spool.open(Path(folder) / "spool.db", 10**9, 0)


def called(spool: Spool, call: str, parcels: set[int]) -> set[int] | None:
    """Do it on the real spool; return which parcels it chose itself, None for those given."""
    ids = [name(one) for one in sorted(parcels)]
    match call:
        case "claim":
            claimed = spool.claim(len(parcels), FAR_NS) if parcels else []
            return {number(one.parcel.parcel_id) for one in claimed}
        case "sent":
            spool.sent(ids, 0, 1)
        case "delay":
            spool.delay(ids, 0, 1)
        case "dead":
            for one in ids:
                spool.dead(one, "why")
        case "expire_sent":
            return set(map(number, spool.expire_sent(FAR_NS)))
        case "reset_in_flight":
            spool.reset_in_flight()
            return set(ALL)
        case "hurry":
            spool.hurry()
            return set()
        case "fetch":
            wanted = parcels & {PICTURE}
            spool.fetch([sample_of(name(one)) for one in wanted])
            return wanted
        case _:
            (spool.release if call == "release" else spool.gone)(ids)
    return None


def stored(spool: Spool) -> Rows:
    rows = {number(one): _seen(state, back) for one, state, back in _read(spool)}
    absent = dict.fromkeys(ALL, FREED)
    if MANIFEST in rows:
        absent[PICTURE] = NONE
    return tuple(rows.get(at, absent.get(at, NONE)) for at in range(len(START)))


def _read(spool: Spool) -> list[tuple[str, str, int]]:
    back = "CASE state WHEN 'sent' THEN setbacks > 0 ELSE due_ns > 0 END"
    query = f"SELECT parcel_id, state, {back} FROM parcels"  # noqa: S608
    return spool._store.connection.execute(query).fetchall()


def _seen(state: str, was_set_back: int) -> str:
    names = {READY: AGAIN, INFLIGHT: INFLIGHT_AGAIN, SENT: SENT_AGAIN}
    return names.get(state, state) if was_set_back else state


def filled(folder: str) -> Spool:
    spool = opened(folder)
    for at in range(PARCELS):
        spool.add(made_parcel(at, image_bytes=50))
    made = made_parcel(MANIFEST, image_bytes=50)
    spool.add(replace(made, parcel_id=name(MANIFEST), kind="manifest"))
    return spool


@settings(max_examples=60)
@given(SCRIPTS)
def test_the_spool_does_what_the_model_does(script: list[tuple[str, set[int]]]) -> None:
    rows = START
    with tempfile.TemporaryDirectory() as folder:
        spool = filled(folder)
        for call, parcels in script:
            if call == "restart":
                spool.close()
                spool = opened(folder)
                rows = move(rows, "restart")
            else:
                chosen = called(spool, call, parcels)
                rows = move(rows, call, parcels if chosen is None else chosen)
            assert stored(spool) == rows, call
        spool.close()


def test_a_picture_is_fetched_and_delivered_as_the_model_says() -> None:
    """The path that chance finds seldom, with every command too early or too late on it."""
    path = ("fetch", "claim", "gone", "fetch", "fetch", "restart", "claim", "sent", "gone", "fetch")
    states = []
    with tempfile.TemporaryDirectory() as folder:
        spool, rows = filled(folder), START
        for call in path:
            those = {MANIFEST} if rows[PICTURE] == NONE else {PICTURE}
            if call == "restart":
                spool.close()
                spool, rows = opened(folder), move(rows, call)
            else:
                asked = set(ALL) if call == "claim" else those
                asked = {PICTURE} if call == "fetch" else asked
                chosen = called(spool, call, asked)
                rows = move(rows, call, asked if chosen is None else chosen)
            assert stored(spool) == rows, call
            states.append(rows[PICTURE])
        spool.close()
    ready, flying = ["ready"] * 3, ["inflight", "sent"]
    assert states == ["none", "none", "held", *ready, *flying, "freed", "freed"]


def test_every_call_of_the_model_moves_something() -> None:
    everything = (READY, AGAIN, INFLIGHT, INFLIGHT_AGAIN, SENT, SENT_AGAIN, DEAD, HELD)
    for call in MOVES.keys() - {"hurry"}:
        assert any(move((state,), call) != (state,) for state in everything), call
