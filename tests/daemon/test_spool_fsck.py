"""Every fault is found with a cure, and mended where that is safe; reading changes nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gleancam.__main__ import main
from gleancam.spool.fsck import examine
from gleancam.spool.queue import Spool
from gleancam.spool.states import State
from made_samples import made_event, made_parcel


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "spool.db"
    with closing(Spool.open(path, 10**9, 0)) as spool:
        for number in range(5):
            spool.add(made_parcel(number), [("memory", number, b"x")])
        spool.add(made_event())
        spool.dead(spool.rows(1)[0].parcel_id, "rejected")
    return path


def altered(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
        connection.commit()


def flip_in_picture(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        image = connection.execute("SELECT image FROM bodies WHERE seq = 2").fetchone()[0]
        flipped = image[:700] + bytes([image[700] ^ 1]) + image[701:]
        connection.execute("UPDATE bodies SET image = ? WHERE seq = 2", (flipped,))
        connection.commit()


def noise(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(16)
        file.write(b"noise")


LONE_BODY = "INSERT INTO bodies VALUES (99, x'7b7d', NULL, NULL)"
NO_STATE = "UPDATE parcels SET state = 'lost' WHERE seq = 3"
UNTOLD = "INSERT INTO losses VALUES ('front', 'evicted', 1, 0, 1, 0, 0, 'no json')"
FAULTS: dict[str, Callable[[Path], None]] = {
    "pairs": lambda path: altered(path, "DELETE FROM bodies WHERE seq = 2"),
    "pairs ": lambda path: altered(path, LONE_BODY),
    "file": lambda path: altered(path, NO_STATE),
    "bytes": lambda path: altered(path, "UPDATE parcels SET bytes = 7 WHERE seq = 2"),
    "dead": lambda path: altered(path, "UPDATE parcels SET why = '' WHERE state = 'dead'"),
    "losses": lambda path: altered(path, UNTOLD),
    "content": flip_in_picture,
    "file ": noise,
}


def digest_of_all(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_sound_spool_has_nothing_wrong(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = digest_of_all(path)
    assert main(["spool", "fsck", "--path", str(path)]) == 0
    assert capsys.readouterr().out == "nothing is wrong\n"
    assert digest_of_all(path) == before


@pytest.mark.parametrize("check", FAULTS)
def test_each_fault_is_found_and_mended(
    check: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FAULTS[check](path)
    before = digest_of_all(path)
    found = examine(path)
    assert [one.check for one in found][:1] == [check.strip()]
    assert all(one.cure for one in found)
    assert digest_of_all(path) == before, "reading changes nothing"
    assert main(["spool", "fsck", "--json", "--path", str(path)]) == 4
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == check.strip()
    assert main(["spool", "fsck", "--repair", "--path", str(path)]) == 0
    assert "mended: " in capsys.readouterr().out
    assert examine(path) == []
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.stat().undelivered + spool.stat().parcels[State.DEAD] >= 5


def test_ids_that_are_none_are_found(path: Path) -> None:
    altered(path, "UPDATE parcels SET camera_id = 'No Such' WHERE seq = 2")
    assert "ids" in [one.check for one in examine(path)]


def test_looks_while_the_daemon_runs_but_does_not_mend(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Spool.open(path, 10**9, 0)) as spool:
        spool.add(made_parcel(9))
        assert main(["spool", "fsck", "--path", str(path)]) == 0
        altered(path, "UPDATE parcels SET bytes = 7 WHERE seq = 2")
        assert main(["spool", "fsck", "--repair", "--path", str(path)]) == 1
    assert "systemctl stop gleancam" in capsys.readouterr().err


def test_no_spool_cannot_be_checked(tmp_path: Path) -> None:
    assert main(["spool", "fsck", "--path", str(tmp_path / "none.db")]) == 1


def test_retry_makes_dead_letters_ready(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Spool.open(path, 10**9, 0)) as spool:
        ids = [row.parcel_id for row in spool.rows(3)]
        spool.dead(ids[1], "rejected")
        spool.dead(ids[2], "rejected")
        assert main(["spool", "retry", ids[0], "--path", str(path)]) == 1
        assert "systemctl stop gleancam" in capsys.readouterr().err
    assert main(["spool", "retry", ids[0], "--path", str(path)]) == 0
    assert "1 dead letters are ready" in capsys.readouterr().out
    assert main(["spool", "retry", ids[0], "--path", str(path)]) == 1, "it is dead no longer"
    assert main(["spool", "retry", "--all", "--path", str(path)]) == 0
    assert main(["spool", "retry", "--path", str(path)]) == 2
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.stat().parcels[State.DEAD] == 0
        assert {one.attempt for one in spool.claim(99, 0)} == {1}
