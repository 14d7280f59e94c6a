from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.channel import Channel, WhenFull
from gleancam.errors import SpoolFullError
from gleancam.inference import Harvest
from gleancam.metrics import Metrics
from gleancam.spool.queue import Spool
from gleancam.spooler import ImagePolicy, Spooler
from gleancam.stage import Stage
from gleancam.types import SceneChange
from gleancam.wire.event import event_data
from gleancam.wire.parcel import Parcel
from gleancam.wire.sample import sample_data
from made_samples import CONTEXT, made_sample
from parcels import made_parcel
from waiting import wait_until

PLENTY = 10**9


class Rig:
    """A spooler in its stage, and all it reports."""

    def __init__(self, spool: Spool, limit_bytes: int = PLENTY) -> None:
        self.registry = CollectorRegistry()
        self.inbox: Channel[Harvest] = Channel("harvest", 8, WhenFull.BLOCK)
        self.crashes: list[tuple[str, BaseException]] = []
        self.degraded: list[str] = []
        self.committed = 0
        spooler = Spooler(
            self.inbox,
            spool,
            lambda: CONTEXT,
            ImagePolicy(85, limit_bytes),
            Metrics(self.registry),
            self.degraded.append,
            self.count,
        )
        self.stage = Stage("spooler", spooler.run, lambda *crash: self.crashes.append(crash))
        self.stage.start()

    def count(self, _parcel: Parcel) -> None:
        self.committed += 1

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"gleancam_{name}", labels) or 0.0

    def finish(self) -> None:
        self.inbox.close()
        assert self.stage.join(20)
        assert self.crashes == []


@pytest.fixture
def make_spool(tmp_path: Path) -> Iterator[Callable[[int], Spool]]:
    made: list[Spool] = []

    def make(max_bytes: int = PLENTY) -> Spool:
        made.append(Spool.open(tmp_path / "spool.db", max_bytes, 0))
        return made[-1]

    yield make
    for spool in made:
        spool.close()


def test_samples_and_scene_changes_become_parcels(make_spool: Callable[[], Spool]) -> None:
    spool = make_spool()
    rig = Rig(spool)
    sample, change = made_sample(1), SceneChange("front", "scene-2", 10, 10, 0.6, 0.2)
    rig.inbox.put(sample)
    rig.inbox.put(change)
    rig.finish()
    first, second = (one.parcel for one in spool.claim(5, 0))
    assert (first.kind, first.parcel_id) == ("sample", sample.sample_id)
    assert sample_data(first.data).image.bytes == len(first.image or b"")
    assert second.kind == "event"
    assert event_data(second.data).event_id == second.parcel_id
    assert rig.metric("spool_committed_total", kind="sample") == 1
    assert rig.metric("spool_committed_total", kind="event") == 1
    assert rig.metric("stage_seconds_count", stage="spool") == 2
    assert rig.committed == 2
    assert rig.degraded == []


def test_counts_what_was_evicted_for_it(make_spool: Callable[[int], Spool]) -> None:
    spool = make_spool(400_000)
    for number in range(3):
        spool.add(made_parcel(number, image_bytes=100_000, value=0.0))
    rig = Rig(spool)
    rig.inbox.put(made_sample(1))
    rig.finish()
    assert rig.metric("spool_lost_total", reason="evicted") + len(spool.rows(10)) == 4


def fill_with_what_is_under_way(spool: Spool) -> None:
    for size in (50_000, 500):
        with contextlib.suppress(SpoolFullError):
            for number in itertools.count(size):
                spool.add(made_parcel(number, image_bytes=size))
                spool.claim(1, 0)


def test_waits_for_a_full_spool_says_so_and_goes_on(
    make_spool: Callable[[int], Spool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gleancam.spooler.RETRY_S", 0.02)
    spool = make_spool(400_000)
    fill_with_what_is_under_way(spool)
    rig = Rig(spool)
    samples = [made_sample(number) for number in range(3)]
    for sample in samples:
        rig.inbox.put(sample)
    wait_until(lambda: rig.degraded and rig.stage.pulse.waiting_on == "disk")
    assert rig.metric("spool_full") == 1
    assert rig.stage.pulse.silent_s() == 0, "waiting is no hang"
    spool.gone([row.parcel_id for row in spool.rows(2)])
    rig.finish()
    assert [one.parcel.parcel_id for one in spool.claim(10, 0)] == [s.sample_id for s in samples]
    assert len(rig.degraded) == 2
    assert "evict" in rig.degraded[0]
    assert rig.degraded[1] == ""
    assert rig.metric("spool_full") == 0


def test_a_stop_while_full_counts_what_is_lost(
    make_spool: Callable[[int], Spool],
) -> None:
    spool = make_spool(1000)
    rig = Rig(spool)
    rig.inbox.put(made_sample(1))
    wait_until(lambda: rig.degraded)
    rig.stage.stop()
    rig.finish()
    assert rig.metric("spool_lost_total", reason="stopped") == 1
    assert rig.committed == 0
