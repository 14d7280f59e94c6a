"""The model's rows against the real spool: the same calls, in any order, leave the same states."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.spool.queue import Spool
from parcels import made_parcel
from protocol.numbering import name
from protocol.rows import DEAD, FREED, INFLIGHT, READY, SENT, Rows, move

PARCELS = 3
FAR_NS = 10**15
CALLS = (
    "claim", "sent", "release", "delay", "expire_sent", "reset_in_flight", "restart", "gone", "dead"
)  # fmt: skip
SCRIPTS = st.lists(
    st.tuples(st.sampled_from(CALLS), st.sets(st.integers(0, PARCELS - 1))), max_size=25
)


def opened(folder: str) -> Spool:
    return Spool.open(Path(folder) / "spool.db", 10**9, 0)


def called(spool: Spool, call: str, parcels: set[int]) -> set[int] | None:
    """Do it on the real spool; return which parcels it chose itself, None for those given."""
    ids = [name(one) for one in sorted(parcels)]
    match call:
        case "claim":
            claimed = spool.claim(len(parcels), FAR_NS) if parcels else []
            return {int(one.parcel.parcel_id[7:]) for one in claimed}
        case "sent":
            spool.sent(ids, 0, 1)
        case "delay":
            spool.delay(ids, 0, 1)
        case "dead":
            for one in ids:
                spool.dead(one, "why")
        case "expire_sent":
            return {int(one[7:]) for one in spool.expire_sent(FAR_NS)}
        case "reset_in_flight":
            spool.reset_in_flight()
            return set(range(PARCELS))
        case _:
            (spool.release if call == "release" else spool.gone)(ids)
    return None


def stored(spool: Spool) -> Rows:
    rows = {row.parcel_id: row.state.value for row in spool.rows(PARCELS)}
    return tuple(rows.get(name(one), FREED) for one in range(PARCELS))


@settings(max_examples=60)
@given(SCRIPTS)
def test_the_spool_does_what_the_model_does(script: list[tuple[str, set[int]]]) -> None:
    rows: Rows = (READY,) * PARCELS
    with tempfile.TemporaryDirectory() as folder:
        spool = opened(folder)
        for one in range(PARCELS):
            spool.add(made_parcel(one, image_bytes=50))
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


def test_every_call_of_the_model_moves_something() -> None:
    everything = (READY, INFLIGHT, SENT, DEAD)
    for call in (*CALLS, "evict", "age_out"):
        assert move(everything, call) != everything, call
