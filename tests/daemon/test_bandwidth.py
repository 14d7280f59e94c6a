"""What a limited link claims from a real spool, and what of its spending survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.__main__ import main
from gleancam.config.bandwidth import shared_budget
from gleancam.config.file import load
from gleancam.config.problem import InvalidConfigurationError
from gleancam.delivery.bandwidth import FRESH_NS, Bandwidth, Tariff
from gleancam.delivery.link import Limits
from gleancam.metrics import Metrics
from gleancam.spool.queue import Spool
from gleancam.wire.message import Message
from parcels import made_parcel

DAY = 1_000_000
MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"
NOON_NS = 12 * 3600 * 10**9


class Clock:
    """Of the spool: as old as a test wants."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def made(spool: Spool, tariff: Tariff, *, synced: bool | None = True) -> Bandwidth:
    metrics = Metrics(CollectorRegistry())
    return Bandwidth(tariff, spool, metrics, lambda: synced, lambda: NOON_NS)


def claimed(bandwidth: Bandwidth, limit: int = 10) -> list[str]:
    return [one.parcel.parcel_id for one in bandwidth.claim(limit, time.monotonic_ns())]


def with_backlog(path: Path) -> Spool:
    """One historical parcel, two that wait for more than an hour, one that is fresh."""
    clock = Clock()
    spool = Spool.open(path, 10**8, 0, clock)
    spool.add(replace(made_parcel(0), lane="historical"))
    spool.add(made_parcel(1))
    spool.add(made_parcel(2))
    clock.now_ns = FRESH_NS + 1
    spool.add(made_parcel(3))
    return spool


def test_fresh_parcels_go_before_the_backlog(tmp_path: Path) -> None:
    spool = with_backlog(tmp_path / "spool.db")
    tariff = Tariff(mqtt5=True, always=Limits(day=DAY))
    assert claimed(made(spool, tariff)) == [f"parcel-{n}" for n in (3, 1, 2, 0)]
    spool.close()


def test_a_link_without_limits_takes_the_oldest_first(tmp_path: Path) -> None:
    spool = with_backlog(tmp_path / "spool.db")
    assert claimed(made(spool, Tariff(mqtt5=True))) == [f"parcel-{n}" for n in (1, 2, 3, 0)]
    spool.close()


def test_what_was_set_back_goes_last_and_not_over_a_link_that_is_full(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db", 10**8, 0)
    for number in range(2):
        spool.add(made_parcel(number, image_bytes=40_000))
    bandwidth = made(spool, Tariff(mqtt5=True, always=Limits(day=100_000)))
    assert claimed(bandwidth, 1) == ["parcel-0"]
    spool.delay(["parcel-0"], 0, 1)
    assert claimed(bandwidth) == ["parcel-1"]
    assert [one.parcel.parcel_id for one in bandwidth.claim(1, 1, again=True)] == ["parcel-0"]
    spool.delay(["parcel-0"], 0, 1)
    spool.add(made_parcel(2, image_bytes=40_000))
    bandwidth.spend([Message("t", bytes(90_000))])
    assert claimed(bandwidth) == []
    assert bandwidth.claim(1, 10**9, again=True) == []
    assert bandwidth.waits_on(ready=True) == "budget", "asking again keeps the reason"
    spool.close()


@pytest.mark.parametrize("limits", [Limits(), Limits(day=DAY)], ids=["free", "limited"])
def test_what_was_set_back_takes_turns_and_old_or_not(tmp_path: Path, limits: Limits) -> None:
    spool = with_backlog(tmp_path / "spool.db")
    bandwidth = made(spool, Tariff(mqtt5=True, always=limits))
    claimed(bandwidth)
    for due_ns, number in enumerate((2, 1), start=1):
        spool.delay([f"parcel-{number}"], 0, due_ns)
    for now_ns, expected in enumerate(("parcel-2", "parcel-1") * 2, start=100):
        (one,) = bandwidth.claim(1, 10**9, again=True)
        assert one.parcel.parcel_id == expected
        spool.delay([expected], now_ns * 1000, 1)
    spool.close()


@pytest.mark.parametrize(
    ("holds", "synced", "reason"),
    [(False, True, "window"), (True, False, "clock"), (False, False, "clock")],
)
def test_outside_its_window_the_backlog_waits(
    tmp_path: Path, *, holds: bool, synced: bool, reason: str
) -> None:
    spool = with_backlog(tmp_path / "spool.db")
    bandwidth = made(spool, Tariff(mqtt5=True, window=lambda _ns: holds), synced=synced)
    assert claimed(bandwidth) == ["parcel-3"]
    assert bandwidth.waits_on(ready=True) == reason
    assert bandwidth.waits_on(ready=False) is None
    spool.close()


@pytest.mark.parametrize("synced", [True, None])
def test_in_its_window_it_goes(tmp_path: Path, *, synced: bool | None) -> None:
    spool = with_backlog(tmp_path / "spool.db")
    bandwidth = made(spool, Tariff(mqtt5=True, window=lambda ns: ns == NOON_NS), synced=synced)
    assert len(claimed(bandwidth)) == 4
    assert bandwidth.waits_on(ready=True) is None
    spool.close()


def test_a_metered_link_takes_no_backlog_and_stays_metered(tmp_path: Path) -> None:
    spool = with_backlog(tmp_path / "spool.db")
    made(spool, Tariff(mqtt5=True)).meter(on=True)
    spool.close()
    spool = Spool.open(tmp_path / "spool.db", 10**8, 0)
    bandwidth = made(spool, Tariff(mqtt5=True))
    assert bandwidth.metered
    claimed(bandwidth)
    assert bandwidth.waits_on(ready=True) == "metered"
    bandwidth.meter(on=False)
    assert not made(spool, Tariff(mqtt5=True)).metered
    spool.close()


def test_a_metered_link_has_its_own_day_and_the_other_holds_too(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db", 10**8, 0)
    for number in range(3):
        spool.add(made_parcel(number, image_bytes=20_000))
    tariff = Tariff(mqtt5=True, always=Limits(day=DAY), metered=Limits(day=100_000))
    bandwidth = made(spool, tariff)
    sent = [Message("t", bytes(90_000))]
    bandwidth.secure(sent)
    bandwidth.spend(sent)
    bandwidth.meter(on=True)
    assert len(claimed(bandwidth, 1)) == 1, "what went before did not cost"
    bandwidth.secure(sent)
    bandwidth.spend(sent)
    assert claimed(bandwidth) == []
    assert bandwidth.waits_on(ready=True) == "budget"
    bandwidth.meter(on=False)
    assert len(claimed(bandwidth)) == 2
    spool.close()


def left(spool: Spool) -> float:
    registry = CollectorRegistry()
    tariff = Tariff(mqtt5=True, always=Limits(day=DAY))
    Bandwidth(tariff, spool, Metrics(registry)).show(ready=False)
    found = registry.get_sample_value("gleancam_link_left", {"account": "link"})
    assert found is not None
    return found


def test_after_an_end_in_order_exactly_as_much_is_left(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db", 10**8, 0)
    bandwidth = made(spool, Tariff(mqtt5=True, always=Limits(day=DAY)))
    sent = [Message("topic", bytes(12_345))]
    bandwidth.secure(sent)
    bandwidth.spend(sent)
    bandwidth.close()
    # MQTT 5: header 1, length 3 (above 16383: no, 2), topic 2 + 5, packet id 2, properties 1.
    assert left(spool) == DAY - (12_345 + 1 + 2 + 7 + 2 + 1)
    spool.close()


CHILD = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry
from gleancam.delivery.bandwidth import Bandwidth, Tariff
from gleancam.delivery.link import Limits
from gleancam.metrics import Metrics
from gleancam.spool.queue import Spool
from gleancam.wire.message import Message

spool = Spool.open(Path(sys.argv[1]), 10**8, 0)
limits = Limits(day=1_000_000)
link = Bandwidth(Tariff(mqtt5=True, always=limits), spool, Metrics(CollectorRegistry()))
sent = 0
while True:
    message = [Message("topic", bytes(1000))]
    link.secure(message)
    sent += 1000
    print(sent, flush=True)
    link.spend(message)
"""


def test_a_killed_process_never_counts_less_than_it_sent(tmp_path: Path) -> None:
    path, total = tmp_path / "spool.db", 0
    for lines in (1, 7, 30):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, env=os.environ
        )
        assert child.stdout is not None
        for _ in range(lines):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split(b"\n")[:-1]
        child.wait()
        child.stdout.close()
        total += 1000 * (lines + len(rest))
    spool = Spool.open(path, 10**8, 0)
    spent = DAY - left(spool)
    # Each message has 14 bytes besides; each kill costs at most a part in 256, and a message.
    assert total <= spent <= total * 1.014 + 3 * (DAY // 256 + 1014)
    spool.close()


def configured(tmp_path: Path, extra: str, selection: str = "") -> Path:
    path = tmp_path / "site.toml"
    path.write_text(
        'site = "a"\ndevice = "b"\n[[cameras]]\nid = "c"\nsource = "test"\n'
        f"[mqtt]\n[mqtt.bandwidth]\n{extra}\n[selection]\n{selection}\n"
    )
    return path


@pytest.mark.parametrize(
    ("own", "in_force"),
    [
        ("", "50 MB/day"),
        ('budget = "60 MB/day"', "50 MB/day"),
        ('budget = "3 MB/hour"', "50 MB/day"),
        ('budget = "2 MB/hour"', "2 MB/hour"),
        ('budget = "0.04 GB/day"', "0.04 GB/day"),
    ],
)
def test_of_two_budgets_the_smaller_holds(tmp_path: Path, own: str, in_force: str) -> None:
    config = load(configured(tmp_path, 'budget = "50 MB/day"', own))
    assert config.selection.budget == in_force
    assert shared_budget(config) == config


def test_check_says_whose_budget_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = configured(tmp_path, 'budget = "50 MB/day"')
    assert main(["check", "--no-files", "--config", str(path)]) == 0
    said = "note: 50 MB/day may be selected, as mqtt.bandwidth.budget says"
    assert said in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("extra", "own", "path"),
    [
        ('budget = "50 MB/day"', 'budget = "60/hour"', "selection.budget"),
        ('rate = "0.9 kB/s"', "", "mqtt.bandwidth.rate"),
        ('metered = { rate = "0.1 kB/s" }', "", "mqtt.bandwidth.metered.rate"),
        ('budget = "60/day"', "", "mqtt.bandwidth.budget"),
        ('backlog = "22-5"', "", "mqtt.bandwidth.backlog"),
    ],
)
def test_what_cannot_hold_is_said(tmp_path: Path, extra: str, own: str, path: str) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        load(configured(tmp_path, extra, own))
    assert [problem.path for problem in caught.value.problems] == [path]
