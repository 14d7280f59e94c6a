"""The supervisor: restarts, states, counts, log lines."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.backoff import Backoff
from gleancam.cameras import CameraBoard
from gleancam.channel import FrameSlots
from gleancam.config.keys import AnyCamera, FileCamera, RtspCamera, TestCamera
from gleancam.errors import SourceError
from gleancam.metrics import Metrics
from gleancam.sources.base import Source
from gleancam.sources.build import open_source
from gleancam.sources.fake import FakeSource
from gleancam.sources.outlet import CameraOutlet
from gleancam.sources.supervise import supervise
from gleancam.stage import Pulse
from made_clips import make_clip
from source_bench import Running, staged, wait_for

REFUSED = SourceError("refused", "no route", cure="look at the cable")


class Site:
    def __init__(self, *cameras: AnyCamera) -> None:
        ids = [camera.id for camera in cameras]
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.slots = FrameSlots(ids)
        self.board = CameraBoard(ids)

    def watch(self, source: Source, camera: AnyCamera, pulse: Pulse) -> None:
        outlet = CameraOutlet(camera, self.slots, self.metrics, self.board)
        rng = random.Random(1)
        supervise(source, outlet, camera, self.board, self.metrics, pulse, rng)

    def state(self, camera_id: str) -> tuple[str, str]:
        (state,) = [each for each in self.board.states() if each.camera_id == camera_id]
        return state.state, state.error_kind

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"gleancam_{name}_total", labels) or 0


CAMERA = TestCamera(id="gate")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gleancam.sources.supervise.TRANSIENT", Backoff(0.01, 0.02))
    monkeypatch.setattr("gleancam.sources.supervise.PERMANENT", Backoff(0.01, 0.01))


def _until(site: Site, source: Source, condition: Callable[[], bool], what: str) -> Running:
    with staged(lambda pulse: site.watch(source, CAMERA, pulse)) as run:
        wait_for(condition, what)
    assert run.errors == []
    return run


def test_a_source_that_fails_is_run_again_and_comes_online() -> None:
    site = Site(CAMERA)
    unsupported = SourceError("unsupported", "AV2", transient=False)
    source = FakeSource(((0, REFUSED), (3, REFUSED), (0, unsupported), (5, REFUSED)))
    _until(site, source, lambda: source.runs == 5, "a fifth run")
    assert site.count("camera_restarts", camera="gate", kind="refused") == 3
    assert site.count("camera_restarts", camera="gate", kind="unsupported") == 1
    assert site.count("frames_produced", camera="gate") == 8
    assert site.state("gate") == ("offline", "refused")


def test_a_finite_source_ends_and_is_not_run_again() -> None:
    site = Site(CAMERA)
    source = FakeSource(((5, None), (5, None)))
    with staged(lambda pulse: site.watch(source, CAMERA, pulse)) as run:
        run.finish()
    assert run.errors == []
    assert source.runs == 1
    assert site.state("gate") == ("offline", "end_of_stream")


def test_a_stall_is_a_state_of_its_own() -> None:
    site = Site(CAMERA)
    source = FakeSource(((3, SourceError("stalled", "nothing came")),))
    _until(site, source, lambda: source.runs == 2, "a second run")
    assert site.state("gate") == ("stalled", "stalled")


def test_a_bug_in_a_source_is_not_hidden() -> None:
    class Broken:
        def run(self, _outlet: object, _pulse: Pulse) -> None:
            raise ZeroDivisionError

    site = Site(CAMERA)
    with staged(lambda pulse: site.watch(Broken(), CAMERA, pulse)) as run:
        assert isinstance(run.error(), ZeroDivisionError)


def test_slots_that_close_at_the_stop_are_no_crash() -> None:
    site = Site(CAMERA)
    source = FakeSource(((10**6, None),))
    with staged(lambda pulse: site.watch(source, CAMERA, pulse)) as run:
        wait_for(lambda: site.count("frames_pulled", camera="gate") > 5, "pictures")
        run.stage.stop()
        site.slots.close()
    assert run.errors == []


def test_every_failure_is_logged_under_one_limit(caplog: pytest.LogCaptureFixture) -> None:
    site = Site(CAMERA)
    source = FakeSource(((0, REFUSED),) * 3)
    with caplog.at_level(logging.WARNING, "gleancam.sources"):
        _until(site, source, lambda: source.runs == 4, "a fourth run")
    assert len(caplog.records) == 3
    for record in caplog.records:
        assert record.getMessage() == "no route: look at the cable"
        assert vars(record)["camera"] == "gate"
        assert vars(record)["limit"] == "camera gate"


def test_an_absent_camera_delays_no_other(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=20)
    cameras: list[AnyCamera] = [
        RtspCamera(id="absent", url="rtsp://127.0.0.1:1/x"),
        FileCamera(id="missing", path=str(tmp_path / "no.mp4")),
        FileCamera(id="gate", path=str(path), fps=25),
    ]
    site = Site(*cameras)
    absent, missing, gate = cameras
    with (
        staged(lambda pulse: site.watch(open_source(absent), absent, pulse)),
        staged(lambda pulse: site.watch(open_source(missing), missing, pulse)),
        staged(lambda pulse: site.watch(open_source(gate), gate, pulse)) as good,
    ):
        good.finish()
        wait_for(lambda: site.count("camera_restarts", camera="absent", kind="refused") > 1, "two")
    assert site.count("frames_produced", camera="gate") == 20
    lost = site.count("frames_lost", camera="gate", reason="sink_overrun")
    assert site.count("frames_pulled", camera="gate") == 20 - lost
    assert site.state("missing") == ("offline", "missing_file")
