"""The small sizes of every scenario, and that the law is able to fail."""

from __future__ import annotations

import json
import random
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chaos.account import account
from chaos.proxy import Proxy
from chaos.running import run_all
from chaos.scenarios import SCENARIOS, Scenario
from gleancam.spool.queue import Spool
from parcels import made_parcel

SEED = 20_261


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_and_nothing_is_there_twice(scenario: Scenario) -> None:
    outcome = run_all(scenario, scenario.test, SEED)
    assert outcome.violations == []
    assert outcome.delivered > 0


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Three parcels, one of them delivered."""
    path = tmp_path / "spool.db"
    parcels = [made_parcel(number) for number in range(3)]
    with closing(Spool.open(path, 10**9, 0)) as opened:
        for parcel in parcels:
            opened.add(parcel)
        opened.gone([parcels[0].parcel_id])
    _arrived(tmp_path, parcels[0].parcel_id)
    return path


def _arrived(folder: Path, *sample_ids: str) -> None:
    (folder / "events.jsonl").touch()
    with (folder / "index.jsonl").open("a") as index:
        index.writelines(json.dumps({"sample_id": one}) + "\n" for one in sample_ids)


def _violations(spool: Path, seen: set[str] | None = None) -> tuple[str, ...]:
    return account(spool, spool.parent, seen or set()).violations


def test_what_is_delivered_or_waits_adds_up(spool: Path) -> None:
    found = account(spool, spool.parent, set())
    assert (found.kept, found.delivered, found.waiting, found.violations) == (3, 1, 2, ())


def test_a_row_that_vanishes_is_a_violation(spool: Path) -> None:
    with closing(sqlite3.connect(spool)) as connection, connection:
        connection.execute("DELETE FROM parcels WHERE seq = 2")
    assert "1 of 3 committed parcels are nowhere" in _violations(spool)[0]


def test_a_parcel_that_was_seen_and_is_nowhere_is_a_violation(spool: Path) -> None:
    assert "nowhere now" in _violations(spool, {"gone"})[0]


def test_a_sample_that_is_there_twice_is_a_violation(spool: Path) -> None:
    _arrived(spool.parent, made_parcel(0).parcel_id)
    assert "2 times" in _violations(spool)[0]


def test_what_expired_is_accounted_for_and_counted(spool: Path) -> None:
    with closing(Spool.open(spool, 10**9, 0)) as opened:
        assert len(opened.age_out(-(10**18))) == 2
    found = account(spool, spool.parent, set())
    assert found.lost == {"expired": 2}
    assert found.violations == ()


def test_what_a_consumer_has_that_was_never_committed_is_a_violation(spool: Path) -> None:
    _arrived(spool.parent, "from-nowhere")
    assert "never committed" in _violations(spool)[0]


def test_the_proxy_carries_a_message_and_cuts_in_the_middle_of_another() -> None:
    sent = random.Random(1).randbytes(5000)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        closing(Proxy(server.getsockname()[1])) as proxy,
    ):
        whole = _through(server, proxy, sent)
        proxy.cut_after_bytes = 1234
        cut = _through(server, proxy, sent)
        assert proxy.cuts == 1
    assert whole == sent
    assert cut == sent[:1234]


def _through(server: socket.socket, proxy: Proxy, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.sendall(sent)
        taken, _ = server.accept()
        with taken:
            if proxy.cut_after_bytes is None:
                client.shutdown(socket.SHUT_WR)
            received = b""
            try:
                while chunk := taken.recv(4096):
                    received += chunk
            except ConnectionResetError:
                pass
            return received
