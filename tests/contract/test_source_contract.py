"""What every source keeps to, whatever is behind it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gleancam.config.keys import AnyCamera, FileCamera, ImagesCamera, RtspCamera, TestCamera
from gleancam.sources.base import Source
from gleancam.sources.build import open_source
from gleancam.sources.fake import FakeSource
from made_clips import make_clip
from rtsp_servers import simulator
from source_bench import KeepingOutlet, running

SIZE = (48, 64)
FRAMES = 30


def _test(_folder: Path, _stack: ExitStack) -> AnyCamera:
    return TestCamera(id="gate", fps=20, width=SIZE[1], height=SIZE[0])


def _file(folder: Path, _stack: ExitStack) -> AnyCamera:
    path = make_clip(folder / "clip.mp4", frames=FRAMES, size=SIZE)
    return FileCamera(id="gate", fps=60, path=str(path), loop=True)


def _rtsp(codec: str) -> Callable[[Path, ExitStack], AnyCamera]:
    def camera(folder: Path, stack: ExitStack) -> AnyCamera:
        path = make_clip(folder / "clip.mp4", frames=FRAMES, size=SIZE)
        server = stack.enter_context(simulator("--loop", "--codec", codec, gate=path))
        return RtspCamera(id="gate", fps=60, url=server.urls["gate"])

    return camera


def _images(folder: Path, _stack: ExitStack) -> AnyCamera:
    for index in range(5):
        Image.new("RGB", (SIZE[1], SIZE[0]), (40 * index,) * 3).save(folder / f"{index}.png")
    return ImagesCamera(id="gate", fps=60, path=str(folder), loop=True)


CAMERAS: dict[str, Callable[[Path, ExitStack], AnyCamera]] = {
    "test": _test,
    "file": _file,
    "rtsp-h264": _rtsp("h264"),
    "rtsp-jpeg": _rtsp("jpeg"),
    "images": _images,
}


@pytest.fixture(params=[*CAMERAS, "fake"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    if request.param == "fake":
        yield FakeSource(script=((500, None),) * 2, size=SIZE)
        return
    with ExitStack() as stack:
        yield open_source(CAMERAS[request.param](tmp_path, stack))


def test_pictures_are_whole_owned_and_dated(source: Source) -> None:
    outlet = KeepingOutlet()
    with running(source, outlet):
        outlet.wait(5)
    for planes, captured_ns, mono_ns in outlet.pictures:
        assert planes.y.shape == SIZE
        assert all(plane.flags.writeable for plane in (planes.y, planes.u, planes.v))
        assert all(plane.base is None for plane in (planes.y, planes.u, planes.v))
        assert captured_ns > mono_ns > 0
    captured = [captured_ns for _, captured_ns, _ in outlet.pictures]
    mono = [mono_ns for _, _, mono_ns in outlet.pictures]
    for times in (captured, mono):
        assert all(np.diff(times) > -50_000_000), "a picture is older than the one before"


def test_every_picture_was_produced(source: Source) -> None:
    outlet = KeepingOutlet()
    with running(source, outlet):
        outlet.wait(3)
    assert outlet.count_produced >= len(outlet.pictures)


def test_it_stops_when_asked_and_starts_again(source: Source) -> None:
    for _ in range(2):
        outlet = KeepingOutlet()
        with running(source, outlet) as run:
            outlet.wait(2)
        assert run.errors == []


def test_it_says_that_it_lives(source: Source) -> None:
    outlet = KeepingOutlet()
    with running(source, outlet) as run:
        outlet.wait(3)
        assert run.stage.pulse.silent_s() < 5


def test_many_runs_leave_nothing_open(source: Source) -> None:
    counts = []
    for _ in range(4):
        outlet = KeepingOutlet()
        with running(source, outlet):
            if not isinstance(source, FakeSource):
                outlet.wait(1)
        gc.collect()
        counts.append((len(list(Path("/proc/self/fd").iterdir())), threading.active_count()))
    assert counts[-1] == counts[1], counts
