"""`kill -9` in the middle of the demo: nothing committed is missing or doubled at the consumer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gleancam.demo.footage import fetch_footage
from gleancam.demo.site import Plan, Site
from gleancam.spool.view import SpoolView
from gleancam_engines.fetching.progress import silent

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0

pytestmark = [pytest.mark.models, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def site(tmp_path: Path, models_directory: Path) -> Iterator[Site]:
    footage = fetch_footage(ROOT / ".cache" / "footage", silent)
    plan = Plan(ROOT / "configs" / "demo.toml", footage, tmp_path / "out", models_directory)
    running = Site(plan)
    yield running
    running.kill()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


def committed(site: Site) -> int:
    counts = site.counts()
    return 0 if counts is None else counts.total("spool_committed", kind="sample")


def received(site: Site) -> list[str]:
    index = site.plan.out / "index.jsonl"
    return [json.loads(line)["sample_id"] for line in index.read_text().splitlines()]


def samples_on_disk(spool: Path) -> set[str]:
    view = SpoolView.open(spool)
    try:
        return {row.parcel_id for row in view.rows(1000) if row.kind == "sample"}
    finally:
        view.close()


def test_a_killed_daemon_loses_and_doubles_nothing_it_had_committed(site: Site) -> None:
    site.wait_until_ready()
    wait_for(lambda: committed(site) >= 4, "four committed samples")
    site.daemon.kill()
    on_disk = samples_on_disk(site.spool)

    site.start_daemon()
    site.wait_until_ready()
    wait_for(lambda: committed(site) >= 2, "two more committed samples")
    code, counts = site.stop_daemon()
    consumer_code, summary = site.stop_consumer()

    arrived = received(site)
    assert code == 0
    assert consumer_code == 0, summary
    assert on_disk <= set(arrived)
    assert len(arrived) == len(set(arrived))
    assert counts.by("spool_parcels", "state").get("ready", 0) == 0
