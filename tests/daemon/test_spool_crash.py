"""What a spool holds after its process was killed, or its disk was full."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from gleancam.spool.queue import Spool
from parcels import made_parcel

TESTS = Path(__file__).parents[1]


def child(path: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(TESTS / "spool_child.py"), str(path), *more],
        stdout=subprocess.PIPE,
        text=True,
    )


def check(path: Path, durable: list[str]) -> None:
    """Everything said to be durable is there and whole, and the file is sound."""
    with closing(Spool.open(path, 10**9, 0)) as spool:
        claimed = {one.parcel.parcel_id: one.parcel for one in spool.claim(10**6, 0)}
    assert set(durable) <= set(claimed)
    assert len(claimed) - len(durable) <= 1, "at most the parcel being added is more than was said"
    for parcel in claimed.values():
        number = int(parcel.parcel_id.removeprefix("parcel-"))
        assert parcel == made_parcel(number, image_bytes=20_000)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()


@pytest.mark.parametrize("seed", range(5))
def test_kill_9_loses_nothing_that_was_committed(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "spool.db"
    process = child(path)
    assert process.stdout is not None
    durable = [process.stdout.readline().strip()]
    time.sleep(random.Random(seed).uniform(0, 0.3))
    process.kill()
    durable += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    check(path, durable)


def test_a_file_that_cannot_grow_is_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    process = child(path, str(5_000_000))
    output, _ = process.communicate(timeout=60)
    *durable, last = output.split()
    assert last == "full"
    assert process.returncode == 0
    assert len(durable) > 10
    check(path, durable)
