"""Sampling, keyframes, glimpses, loops, and what a stream may do while it runs."""

from __future__ import annotations

import gc
import random
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gleancam.config.keys import FileCamera, ImagesCamera, RtspCamera, TestCamera
from gleancam.errors import SourceError
from gleancam.sources.build import open_source
from gleancam_engines.planes import Planes
from made_clips import make_clip, shade
from rtsp_servers import simulator
from source_bench import KeepingOutlet, running, wait_for


def _play(camera: FileCamera | ImagesCamera) -> KeepingOutlet:
    outlet = KeepingOutlet()
    with running(open_source(camera), outlet) as run:
        run.finish()
    assert run.errors == []
    return outlet


def _shades(outlet: KeepingOutlet) -> list[int]:
    return [round(float(planes.y.mean())) for planes, _, _ in outlet.pictures]


@pytest.mark.parametrize(("fps", "every"), [(5, 5), (12.5, 2), (60, 1)])
def test_the_sampling_rate_is_kept(tmp_path: Path, fps: float, every: int) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=50)
    outlet = _play(FileCamera(id="gate", path=str(path), fps=fps))
    expected = [shade(index) for index in range(0, 50, every)]
    assert outlet.count_produced == len(expected)
    taken = _shades(outlet)
    assert len(taken) >= len(expected) - 2, "a busy machine may lose one in the sink"
    assert all(np.abs(np.array(expected) - value).min() <= 2 for value in taken)


def test_a_file_plays_at_its_own_speed(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=50)
    outlet = _play(FileCamera(id="gate", path=str(path), fps=25))
    first, last = outlet.pictures[0], outlet.pictures[-1]
    shown_s = (last[2] - first[2]) / 1e9
    assert 1.7 < shown_s < 2.6, "50 pictures at 25 a second"


@pytest.mark.parametrize("codec", ["h264", "mpeg4"])
def test_keyframes_only_gives_every_keyframe(tmp_path: Path, codec: str) -> None:
    suffix = ".mp4" if codec == "h264" else ".avi"
    path = make_clip(tmp_path / f"clip{suffix}", codec=codec, frames=50)
    camera = FileCamera(id="gate", path=str(path), fps=60, keyframes_only=True)
    outlet = _play(camera)
    assert 2 <= outlet.count_produced < 25
    assert abs(_shades(outlet)[0] - shade(0)) <= 2


@pytest.mark.evaluation
def test_keyframes_of_a_stream_with_b_frames_come_at_once(evaluation_data: Path) -> None:
    # One keyframe in two seconds; a decoder that waits for two more would give one in five.
    path = evaluation_data / "composites" / "cuts_public.mp4"
    outlet = KeepingOutlet()
    with running(open_source(FileCamera(id="gate", path=str(path), keyframes_only=True)), outlet):
        outlet.wait(2)
    first, second = outlet.pictures[0][2], outlet.pictures[1][2]
    assert 1.5 < (second - first) / 1e9 < 2.5


def test_glimpses_come_at_the_decoders_rate(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=50)
    outlet = _play(FileCamera(id="gate", path=str(path), fps=1, thumbnails="decoded"))
    assert outlet.count_produced == 2
    assert len(outlet.glimpses) + outlet.missed >= 50
    assert len(outlet.glimpses) > 40


def test_a_loop_goes_on(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=10)
    outlet = KeepingOutlet()
    with running(open_source(FileCamera(id="gate", path=str(path), fps=60, loop=True)), outlet):
        outlet.wait(25)


def test_a_change_of_resolution_gives_pictures_of_the_new_size(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.ts", frames=40, size=(48, 64), then_size=(96, 160))
    outlet = _play(FileCamera(id="gate", path=str(path), fps=60))
    sizes = [planes.y.shape for planes, _, _ in outlet.pictures]
    assert sizes == sorted(sizes)
    assert set(sizes) == {(48, 64), (96, 160)}


def test_flipped_bits_stop_nothing(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", size=(240, 320))
    data = bytearray(path.read_bytes())
    rng = random.Random(7)
    for _ in range(20):
        data[rng.randrange(1000, len(data) - 3000)] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    outlet = _play(FileCamera(id="gate", path=str(path), fps=60))
    assert outlet.count_produced > 25
    assert outlet.count_produced + outlet.lost == 50


@pytest.mark.parametrize(
    ("codec", "suffix"), [("h264", ".mp4"), ("h265", ".mkv"), ("mjpeg", ".avi")]
)
@pytest.mark.parametrize("keyframes_only", [False, True])
def test_a_sound_file_counts_no_damage(
    tmp_path: Path,
    codec: str,
    suffix: str,
    keyframes_only: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    path = make_clip(tmp_path / f"clip{suffix}", codec=codec)
    camera = FileCamera(id="gate", path=str(path), fps=60, keyframes_only=keyframes_only)
    assert _play(camera).lost == 0


def test_a_slow_consumer_gets_fresh_pictures() -> None:
    ages_ms: list[float] = []

    class Slow(KeepingOutlet):
        def picture(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:
            ages_ms.append((time.monotonic_ns() - mono_ns) / 1e6)
            time.sleep(0.3)
            super().picture(planes, captured_ns, mono_ns)

    outlet = Slow()
    with running(open_source(TestCamera(id="gate", fps=30)), outlet):
        outlet.wait(8)
    assert outlet.count_produced > 2 * len(outlet.pictures)
    # Ages would grow by a third of a second with each picture if they queued.
    assert sorted(ages_ms)[len(ages_ms) // 2] < 250, ages_ms


def test_fifty_rebuilds_leave_no_descriptor_and_no_thread(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=1)
    source = open_source(FileCamera(id="gate", path=str(path), fps=60, thumbnails="decoded"))

    def runs(count: int) -> tuple[int, int]:
        for _ in range(count):
            outlet = KeepingOutlet()
            with running(source, outlet) as run:
                run.finish()
            assert outlet.count_produced == 1
        gc.collect()
        fds, threads = (len(list(Path("/proc/self", name).iterdir())) for name in ("fd", "task"))
        return fds, threads

    before = runs(5)
    after = runs(50)
    assert after[0] <= before[0]
    # GStreamer keeps idle threads of a pool for a while.
    assert after[1] <= before[1] + 3


def test_images_come_in_name_order_and_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    for name, level in (("b.png", 120), ("a.jpg", 40), ("c.jpeg", 200)):
        Image.new("RGB", (33, 17), (level,) * 3).save(tmp_path / name)
    (tmp_path / "ab.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "notes.txt").write_text("no picture")
    outlet = _play(ImagesCamera(id="gate", path=str(tmp_path), fps=50))
    assert np.allclose(_shades(outlet), [40, 120, 200], atol=1)
    assert outlet.pictures[0][0].y.shape == (17, 33)
    assert outlet.lost == 1


def test_a_simulated_camera_plays_the_file_from_its_start(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=50, size=(96, 128))
    with simulator(gate=path) as server:
        outlet = KeepingOutlet()
        source = open_source(RtspCamera(id="gate", url=server.urls["gate"], fps=60))
        with running(source, outlet) as run:
            error = run.error()
        assert isinstance(error, SourceError)
        assert (error.kind, error.transient) == ("end_of_stream", True)
        shades = _shades(outlet)
        assert abs(shades[0] - shade(0)) <= 4
        assert abs(shades[-1] - shade(49)) <= 4
        assert shades == sorted(shades)
        wait_for(lambda: server.process.poll() is None, "the server going on")
