from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gleancam.errors import SpoolError, SpoolFullError
from gleancam.spool.disk import BALLAST_BYTES
from gleancam.spool.queue import NEVER_SET_BACK, Spool
from gleancam.spool.states import TRANSITIONS, State
from gleancam.spool.view import SpoolView
from parcels import made_parcel

PLENTY = 10**9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    spool = Spool.open(path, PLENTY, 0)
    yield spool
    spool.close()


def now() -> int:
    return time.monotonic_ns()


def states(spool: Spool) -> dict[str, int]:
    return {state.value: count for state, count in spool.stat().parcels.items() if count}


def claimed_ids(spool: Spool, limit: int = 100, now_ns: int | None = None) -> list[str]:
    found = spool.claim(limit, now() if now_ns is None else now_ns)
    return [one.parcel.parcel_id for one in found]


def test_gives_back_what_was_added_in_order(spool: Spool) -> None:
    parcels = [made_parcel(number) for number in range(5)]
    for parcel in parcels:
        assert spool.add(parcel) == ()
    claimed = spool.claim(3, now())
    assert [one.parcel for one in claimed] == parcels[:3]
    assert {one.attempt for one in claimed} == {1}
    assert all(0 <= one.spooled_s < 3600 for one in claimed)
    assert claimed_ids(spool) == ["parcel-3", "parcel-4"]
    assert claimed_ids(spool) == []


def test_an_event_has_no_image(spool: Spool) -> None:
    from dataclasses import replace

    event = replace(made_parcel(1), kind="event", image=None)
    spool.add(event)
    assert spool.claim(1, now())[0].parcel == event


def test_the_same_parcel_twice_is_stored_once(spool: Spool) -> None:
    spool.add(made_parcel(1))
    spool.add(made_parcel(1))
    assert states(spool) == {"ready": 1}


def test_survives_reopening_and_forgets_what_was_under_way(path: Path) -> None:
    spool = Spool.open(path, PLENTY, 0)
    for number in range(4):
        spool.add(made_parcel(number))
    claimed_ids(spool, 3)
    spool.sent(["parcel-0"], now(), 10**9)
    spool.delay(["parcel-1"], now(), 10**15)
    spool.dead("parcel-2", "no reason")
    assert states(spool) == {"ready": 2, "sent": 1, "dead": 1}
    spool.close()
    spool = Spool.open(path, PLENTY, 0)
    assert states(spool) == {"ready": 3, "dead": 1}
    assert claimed_ids(spool, now_ns=1) == ["parcel-0", "parcel-3", "parcel-1"]
    spool.close()


def test_gone_frees_what_is_undelivered_and_passes_over_the_rest(spool: Spool) -> None:
    for number in range(4):
        spool.add(made_parcel(number, captured_ns=number))
    claimed_ids(spool, 2)
    spool.sent(["parcel-0"], now(), 10**9)
    spool.dead("parcel-3", "rejected")
    freed = spool.gone(["parcel-0", "parcel-1", "parcel-2", "parcel-3", "never-seen", "parcel-0"])
    assert [(one.parcel_id, one.captured_ns) for one in freed] == [
        ("parcel-0", 0),
        ("parcel-1", 1),
        ("parcel-2", 2),
    ]
    assert states(spool) == {"dead": 1}


def test_no_move_but_those_of_the_table(spool: Spool) -> None:
    spool.add(made_parcel(1))
    spool.sent(["parcel-1"], now(), 10**9)
    assert states(spool) == {"ready": 1}
    assert State.SENT not in TRANSITIONS[State.READY]
    spool.dead("parcel-1", "first")
    assert not spool.dead("parcel-1", "second")
    spool.release(["parcel-1"])
    assert states(spool) == {"dead": 1}
    assert spool.rows(1)[0].why == "first"


def test_sent_becomes_ready_when_its_time_is_up_and_later_each_time(spool: Spool) -> None:
    second = 10**9
    spool.add(made_parcel(1))
    for setback, timeout_s in enumerate((60, 120, 240)):
        assert claimed_ids(spool, now_ns=3600 * second) == ["parcel-1"], setback
        spool.sent(["parcel-1"], 0, 60 * second)
        assert spool.expire_sent(timeout_s * second - 1) == ()
        assert spool.expire_sent(timeout_s * second) == ("parcel-1",)
    for _ in range(10):
        claimed_ids(spool, now_ns=3600 * second)
        spool.sent(["parcel-1"], 0, 60 * second)
        assert spool.expire_sent(3600 * second) == ("parcel-1",)


def test_what_was_set_back_comes_after_all_that_was_not(spool: Spool) -> None:
    for number in range(4):
        spool.add(made_parcel(number))
    assert claimed_ids(spool, 2, now_ns=0) == ["parcel-0", "parcel-1"]
    spool.sent(["parcel-0"], 0, 10)
    spool.delay(["parcel-1"], 0, 5)
    assert spool.expire_sent(10) == ("parcel-0",)
    assert claimed_ids(spool, now_ns=10) == [f"parcel-{n}" for n in (2, 3, 1, 0)]
    spool.release(["parcel-1", "parcel-2"])
    spool.reset_in_flight()
    assert claimed_ids(spool, now_ns=NEVER_SET_BACK) == ["parcel-2", "parcel-3"]
    assert claimed_ids(spool, now_ns=10) == ["parcel-1", "parcel-0"]


def test_after_hurry_and_restart_what_was_set_back_is_due_and_still_last(
    path: Path, spool: Spool
) -> None:
    second = 10**9
    spool.add(made_parcel(0))
    for _ in range(4):
        claimed_ids(spool, now_ns=3600 * second)
        spool.sent(["parcel-0"], 0, 60 * second)
        spool.expire_sent(3600 * second)
    spool.add(made_parcel(1))
    spool.hurry()
    assert claimed_ids(spool, now_ns=1) == ["parcel-1", "parcel-0"]
    for _ in range(2):
        spool.close()
        spool = Spool.open(path, 10**9, 0)
        assert claimed_ids(spool, now_ns=NEVER_SET_BACK) == ["parcel-1"]
        assert claimed_ids(spool, now_ns=1) == ["parcel-0"]
    spool.sent(["parcel-0"], 0, 60 * second)
    assert spool.expire_sent(120 * second - 1) == ()
    assert spool.expire_sent(120 * second) == ("parcel-0",), "delays begin anew"
    spool.close()


def test_a_delayed_parcel_waits_until_hurried(spool: Spool) -> None:
    spool.add(made_parcel(1))
    claimed_ids(spool, now_ns=0)
    spool.delay(["parcel-1"], 0, 100)
    assert claimed_ids(spool, now_ns=99) == []
    assert claimed_ids(spool, now_ns=100) == ["parcel-1"]
    spool.delay(["parcel-1"], 0, 100)
    assert claimed_ids(spool, now_ns=199) == []
    spool.hurry()
    assert claimed_ids(spool, now_ns=1) == ["parcel-1"]


def test_a_lost_session_resets_what_the_broker_had_not_confirmed(spool: Spool) -> None:
    for number in range(3):
        spool.add(made_parcel(number))
    claimed_ids(spool, 2)
    spool.sent(["parcel-0"], now(), 10**9)
    assert spool.reset_in_flight() == 1
    assert states(spool) == {"ready": 2, "sent": 1}
    assert claimed_ids(spool, 1) == ["parcel-1"]


def test_evicts_the_most_redundant_never_the_newest_never_what_is_under_way(path: Path) -> None:
    spool = Spool.open(path, 600_000, 0)
    values = (0.9, 0.1, 0.5, 0.2)
    for number, value in enumerate(values):
        spool.add(made_parcel(number, image_bytes=100_000, value=value))
    assert claimed_ids(spool, 1) == ["parcel-0"]
    evicted = [
        name
        for number in range(4, 8)
        for name in spool.add(made_parcel(number, image_bytes=100_000, value=0.0))
    ]
    assert evicted[:3] == ["parcel-4", "parcel-5", "parcel-6"]
    assert "parcel-7" in {row.parcel_id for row in spool.rows(10)}
    assert "parcel-0" in {row.parcel_id for row in spool.rows(10)}
    assert spool.stat().bytes <= 600_000
    spool.close()


def test_dead_letters_leave_first_and_are_not_counted_again(path: Path) -> None:
    spool = Spool.open(path, 600_000, 0)
    for number in range(4):
        spool.add(made_parcel(number, image_bytes=100_000, value=number))
    spool.dead("parcel-3", "rejected")
    evicted = [spool.add(made_parcel(n, image_bytes=100_000, value=9)) for n in (4, 5)]
    assert evicted[0] == ()
    assert "parcel-3" not in {row.parcel_id for row in spool.rows(10)}
    spool.close()


def test_full_when_nothing_may_be_evicted_then_works_again(path: Path) -> None:
    spool = Spool.open(path, 600_000, 0)
    for number in range(5):
        spool.add(made_parcel(number, image_bytes=100_000))
    claimed_ids(spool)
    before = spool.rows(10)
    with pytest.raises(SpoolFullError, match="nothing in it can be evicted") as caught:
        spool.add(made_parcel(8, image_bytes=100_000))
    assert caught.value.transient
    assert spool.rows(10) == before
    spool.gone(["parcel-0"])
    spool.add(made_parcel(9, image_bytes=100_000))
    spool.close()


def test_a_parcel_larger_than_the_spool_is_refused_at_once(path: Path) -> None:
    spool = Spool.open(path, 200_000, 0)
    with pytest.raises(SpoolFullError, match="does not fit"):
        spool.add(made_parcel(1, image_bytes=300_000))
    spool.close()


def test_leaves_the_reserve_free(path: Path) -> None:
    spool = Spool.open(path, PLENTY, 10**18)
    with pytest.raises(SpoolFullError, match="reserve"):
        spool.add(made_parcel(1))
    assert states(spool) == {}
    spool.close()


def test_a_full_disk_changes_nothing_and_heals(spool: Spool) -> None:
    # SQLite reports an exhausted page limit as it reports an exhausted disk: SQLITE_FULL.
    spool.add(made_parcel(1))
    pages = spool._store.connection.execute("PRAGMA page_count").fetchone()[0]
    spool._store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(SpoolFullError, match="free space"):
        spool.add(made_parcel(2, image_bytes=100_000))
    assert [row.parcel_id for row in spool.rows(10)] == ["parcel-1"]
    spool._store.connection.execute("PRAGMA max_page_count = 1000000")
    spool.add(made_parcel(2, image_bytes=100_000))
    assert states(spool) == {"ready": 2}


def test_ballast_is_thrown_overboard_when_a_delete_finds_no_room(spool: Spool, path: Path) -> None:
    ballast = path.with_name("spool.db.ballast")
    assert ballast.stat().st_size == BALLAST_BYTES
    spool.add(made_parcel(1))
    tries = []

    def full_once(_connection: sqlite3.Connection) -> int:
        tries.append(ballast.exists())
        if len(tries) == 1:
            raise SpoolFullError("no room")
        return 7

    assert spool._store.change(full_once) == 7
    assert tries == [True, False]
    spool.add(made_parcel(2))
    assert ballast.exists()


def test_replaces_an_image(spool: Spool) -> None:
    from dataclasses import replace

    parcel = made_parcel(1, image_bytes=50_000)
    spool.add(parcel)
    smaller = replace(parcel, data=b'{"smaller": true}', image=b"\xff\xd8small")
    spool.replace(smaller)
    assert spool.get("parcel-1") == smaller
    assert spool.get("never-seen") is None


def test_sessions_are_counted_across_restarts(path: Path) -> None:
    numbers = []
    for _ in range(3):
        spool = Spool.open(path, PLENTY, 0)
        numbers += [spool.next_session(), spool.next_session()]
        spool.close()
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_belongs_to_one_process(spool: Spool, path: Path) -> None:
    spool.add(made_parcel(1))
    with pytest.raises(SpoolError, match="in use by another process: stop the other"):
        Spool.open(path, PLENTY, 0)


def test_is_looked_at_while_in_use(spool: Spool, path: Path) -> None:
    spool.add(made_parcel(1, value=0.25))
    view = SpoolView.open(path)
    assert view.stat().parcels[State.READY] == 1
    row = view.rows(5)[0]
    assert (row.parcel_id, row.camera_id, row.state, row.value) == (
        "parcel-1",
        "front",
        State.READY,
        0.25,
    )
    spool.add(made_parcel(2))
    assert view.stat().parcels[State.READY] == 2
    view.close()


def test_no_spool_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="there is no spool"):
        SpoolView.open(tmp_path / "absent.db")


def test_refuses_a_newer_format(path: Path) -> None:
    Spool.open(path, PLENTY, 0).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("UPDATE meta SET value = 99 WHERE key = 'format'")
    connection.close()
    with pytest.raises(SpoolError, match="format 99"):
        Spool.open(path, PLENTY, 0)
    with pytest.raises(SpoolError, match="format 99"):
        SpoolView.open(path)


def test_refuses_another_programs_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(SpoolError, match="another program"):
        Spool.open(path, PLENTY, 0)


def test_settings_of_the_file(spool: Spool) -> None:
    def pragma(name: str) -> object:
        return spool._store.connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("auto_vacuum")) == ("wal", 2)
    spool.add(made_parcel(1))
    assert pragma("synchronous") == 2, "a parcel waits for the disk"


def test_gives_pages_back_to_the_file_system(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gleancam.spool.space.VACUUM_ABOVE_BYTES", 100_000)
    spool = Spool.open(path, PLENTY, 0)
    for number in range(20):
        spool.add(made_parcel(number, image_bytes=100_000))
    full = spool._store.connection.execute("PRAGMA page_count").fetchone()[0]
    for number in range(20):
        spool.gone([f"parcel-{number}"])
        spool.tidy()
    assert spool._store.connection.execute("PRAGMA page_count").fetchone()[0] < full / 4
    spool.close()
