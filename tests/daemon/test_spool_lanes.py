"""Live before historical, and neither starves."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gleancam.spool.lanes import HISTORICAL_EVERY, interleave
from gleancam.spool.queue import Spool
from gleancam.wire.parcel import Lane
from gleancam.wire.sample import sample_parcel
from made_samples import CONTEXT, made_image, made_sample
from parcels import made_parcel

COUNTS = st.integers(0, 30)


def names(kind: str, count: int) -> list[str]:
    return [f"{kind}{number}" for number in range(count)]


@given(COUNTS, COUNTS, st.integers(0, 40), st.integers(0, 1000))
def test_takes_as_many_as_there_are_each_lane_in_order(
    lives: int, olds: int, limit: int, turn: int
) -> None:
    live, old = names("live", lives), names("old", olds)
    taken = interleave(live, old, limit, turn)
    assert len(taken) == min(limit, lives + olds)
    assert [one for one in taken if one in live] == live[: sum(one in live for one in taken)]
    assert [one for one in taken if one in old] == old[: sum(one in old for one in taken)]
    assert taken == interleave(live, old, limit, turn)


@given(st.lists(st.integers(1, 7), min_size=20, max_size=60), st.integers(0, 1000))
def test_under_endless_load_each_lane_gets_its_share(limits: list[int], turn: int) -> None:
    live, old = names("live", 500), names("old", 500)
    served: list[str] = []
    for limit in limits:
        taken = interleave(live, old, limit, turn + len(served))
        live = [one for one in live if one not in taken]
        old = [one for one in old if one not in taken]
        served += taken
    for at in range(len(served) - HISTORICAL_EVERY + 1):
        window = served[at : at + HISTORICAL_EVERY]
        assert sum(one.startswith("old") for one in window) == 1


def add(spool: Spool, number: int, lane: Lane) -> None:
    spool.add(replace(made_parcel(number, image_bytes=10), lane=lane))


def claim(spool: Spool, limit: int) -> list[str]:
    found = spool.claim(limit, 0)
    spool.gone([one.parcel.parcel_id for one in found])
    return [one.parcel.lane for one in found]


def test_the_spool_serves_tombstones_then_live_and_now_and_then_history(tmp_path: Path) -> None:
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0)) as spool:
        for number in range(10):
            add(spool, number, "historical")
        for number in range(10, 20):
            add(spool, number, "live")
        add(spool, 20, "tombstone")
        order = [lane for _ in range(7) for lane in claim(spool, 3)]
    assert order[0] == "tombstone"
    assert len(order) == 21
    while_both = order[1:13]
    assert while_both.count("historical") in {2, 3}
    assert order.index("historical") < HISTORICAL_EVERY + 1, "history progresses"
    assert order.count("live") == order.count("historical") == 10


def test_imported_footage_is_historical() -> None:
    context = replace(CONTEXT, historical=True)
    assert sample_parcel(made_sample(1), made_image(1), context).lane == "historical"
    assert sample_parcel(made_sample(1), made_image(1), CONTEXT).lane == "live"
