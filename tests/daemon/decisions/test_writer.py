"""The log's two ends, with a real channel, a real thread and real files: nobody waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.channel import Channel, WhenFull
from gleancam.decisions.epoch import encode
from gleancam.decisions.reading import read_segments
from gleancam.decisions.record import Logged, LoggedFrame
from gleancam.decisions.recorder import DecisionRecorder
from gleancam.decisions.ring import Ring
from gleancam.decisions.writer import DecisionWriter
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.settlements import Settled
from gleancam.stage import Stage
from made_decisions import made_epoch, made_frame


class Bench:
    def __init__(self, folder: Path, capacity: int = 1000, max_bytes: int = 1_000_000) -> None:
        self.folder = folder
        self.metrics = Metrics(CollectorRegistry())
        self.channel: Channel[Logged] = Channel("decisions", capacity, WhenFull.REFUSE)
        self.recorder = DecisionRecorder(self.channel, self.metrics)
        self.crashes: list[BaseException] = []

        def open_ring(dimension: int) -> Ring:
            return Ring(folder, max_bytes, encode(made_epoch(dimension)))

        writer = DecisionWriter(self.channel, open_ring, self.metrics)
        self.stage = Stage("decisions", writer.run, lambda _, error: self.crashes.append(error))

    def record(self, seed: int, dimension: int = 8) -> None:
        frame = made_frame(seed, dimension)
        self.recorder.record(
            Outcome(
                "gate",
                None,
                gated=False,
                scene_id="scene-1",
                observation=frame.observation,
                decision=frame.decision,
            )
        )

    def end(self) -> None:
        if not self.stage.alive:
            self.stage.start()
        self.channel.close()
        assert self.stage.join(10)
        assert self.crashes == []

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"gleancam_{name}_total", labels) or 0.0

    def read(self) -> list[Logged]:
        return [record for segment in read_segments(self.folder) for record in segment.records]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "log")


def test_everything_handed_over_is_in_the_log_in_order(bench: Bench) -> None:
    bench.stage.start()
    for seed in range(300):
        bench.record(seed)
    bench.end()
    times = [each.observation.mono_ns for each in bench.read() if isinstance(each, LoggedFrame)]
    assert times == [seed * 10**9 for seed in range(300)]
    assert bench.count("decisions_logged", kind="frame") == 300
    size = bench.metrics.registry.get_sample_value("gleancam_decisions_bytes")
    assert size == sum(path.stat().st_size for path in bench.folder.iterdir())


def test_what_was_not_embedded_is_not_logged(bench: Bench) -> None:
    bench.recorder.record(Outcome("gate", None, gated=True, scene_id="scene-1"))
    assert len(bench.channel) == 0


def test_costs_are_logged_where_they_are_told_and_passed_on(bench: Bench) -> None:
    told = [Settled("gate", "id-1", 500), Settled("gate", "id-2", 600)]
    take = bench.recorder.overhear(lambda: told)
    bench.record(1)
    assert list(take()) == told
    bench.record(2)
    bench.end()
    kinds = [each if isinstance(each, Settled) else "frame" for each in bench.read()]
    assert kinds == ["frame", *told, "frame"]
    assert bench.count("decisions_logged", kind="cost") == 2


def test_costs_before_any_frame_wait_for_it(bench: Bench) -> None:
    list(bench.recorder.overhear(lambda: [Settled("gate", "id", 1)])())
    bench.record(1)
    bench.end()
    assert bench.read()[0] == Settled("gate", "id", 1)


def test_when_the_writer_is_behind_nobody_waits_and_losses_are_counted(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "log", capacity=4)
    for seed in range(10):  # the stage does not run yet
        bench.record(seed)
    bench.end()
    assert len(bench.read()) == 4
    assert bench.count("decisions_lost", kind="frame", reason="behind") == 6


def test_after_the_end_losses_are_counted(bench: Bench) -> None:
    bench.end()
    bench.record(1)
    assert bench.count("decisions_lost", kind="frame", reason="stopped") == 1


def test_a_place_that_cannot_be_written_costs_the_log_alone(bench: Bench) -> None:
    bench.folder.write_text("a file where the folder should be")
    for seed in range(5):
        bench.record(seed)
    bench.end()
    assert bench.count("decisions_lost", kind="frame", reason="unwritable") == 5
    assert bench.count("decisions_logged", kind="frame") == 0


def test_it_goes_on_when_the_place_can_be_written_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gleancam.decisions.writer.FLUSH_BYTES", 1)
    bench.folder.write_text("a file where the folder should be")
    bench.stage.start()
    bench.record(1)
    while not bench.count("decisions_lost", kind="frame", reason="unwritable"):
        pass
    bench.folder.unlink()
    bench.record(2)
    bench.end()
    (found,) = bench.read()
    assert isinstance(found, LoggedFrame)
    assert found.observation.mono_ns == 2 * 10**9


def test_a_frame_larger_than_a_segment_is_counted(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "log", max_bytes=64_000)
    bench.record(1, 2048)
    bench.end()
    assert bench.count("decisions_lost", kind="frame", reason="too_large") == 1
