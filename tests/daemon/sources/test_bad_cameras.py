"""Cameras that refuse, are silent, want a password, break off: typed errors, and no secret."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gleancam.config.keys import (
    AnyCamera,
    CsiCamera,
    FileCamera,
    ImagesCamera,
    RtspCamera,
    V4l2Camera,
)
from gleancam.errors import SourceError
from gleancam.sources.build import open_source
from gleancam.sources.graph import available
from made_clips import make_clip
from rtsp_servers import password_server, simulator
from source_bench import KeepingOutlet, running

PASSWORD = "s3cr3t/with@odd:signs"  # noqa: S105 - of the test's own server


def _failure(camera: AnyCamera) -> SourceError:
    with running(open_source(camera), KeepingOutlet()) as run:
        error = run.error()
    assert isinstance(error, SourceError), error
    assert error.cure
    assert str(error).count("\n") == 0
    return error


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _rtsp(port: int, **keys: object) -> RtspCamera:
    url = f"rtsp://viewer:wrong-{PASSWORD}@127.0.0.1:{port}/gate"
    keys = {"url": url, "stall_timeout_s": 1.5, **keys}
    return RtspCamera(id="gate", **keys)  # type: ignore[arg-type]


def test_refused(closed_port: int) -> None:
    error = _failure(_rtsp(closed_port))
    assert (error.kind, error.transient) == ("refused", True)
    assert "s3cr3t" not in str(error)
    assert f"127.0.0.1:{closed_port}" in str(error)


@pytest.mark.parametrize("keyframes_only", [False, True])
def test_accepted_and_never_answered(silent_port: int, keyframes_only: bool) -> None:  # noqa: FBT001 - a parameter of the test
    error = _failure(_rtsp(silent_port, keyframes_only=keyframes_only))
    assert (error.kind, error.transient) == ("stalled", True)
    assert "s3cr3t" not in str(error)


def test_no_such_stream(tmp_path: Path) -> None:
    with simulator(gate=make_clip(tmp_path / "clip.mp4", frames=5)) as server:
        error = _failure(RtspCamera(id="gate", url=server.urls["gate"] + "x"))
    assert (error.kind, error.transient) == ("not_found", True)


def test_a_wrong_password_shows_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"viewer:wrong-{PASSWORD}\n")
    file.chmod(0o600)
    with password_server(PASSWORD) as port:
        in_url = _failure(_rtsp(port))
        in_file = _failure(_rtsp(port, credentials_file=str(file)))
        nowhere = _failure(_rtsp(port, url=f"rtsp://127.0.0.1:{port}/gate"))
    for error in (in_url, in_file, nowhere):
        assert (error.kind, error.transient) == ("unauthorised", True)
        assert "s3cr3t" not in repr(error)


@pytest.mark.parametrize("where", ["url", "file"])
def test_the_right_password_opens(tmp_path: Path, where: str) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"viewer:{PASSWORD}\n")
    file.chmod(0o600)
    quoted = PASSWORD.replace("/", "%2F").replace("@", "%40").replace(":", "%3A")
    with password_server(PASSWORD) as port:
        keys = {
            "url": {"url": f"rtsp://viewer:{quoted}@127.0.0.1:{port}/gate"},
            "file": {"credentials_file": str(file)},
        }
        outlet = KeepingOutlet()
        with running(open_source(_rtsp(port, fps=25, **keys[where])), outlet):
            outlet.wait(2)


@pytest.mark.parametrize("content", ["", "nocolon", "a:b\nc:d", ":password"])
def test_a_credentials_file_that_is_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "credentials"
    file.write_text(content)
    file.chmod(0o600)
    error = _failure(_rtsp(1, credentials_file=str(file)))
    assert error.kind == "unauthorised"
    assert str(file) in str(error)
    assert "one line" in str(error)


def test_a_credentials_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"viewer:{PASSWORD}\n")
    file.chmod(0o644)
    error = _failure(_rtsp(1, credentials_file=str(file)))
    assert error.kind == "unauthorised"
    assert "open to other users" in str(error)
    assert PASSWORD not in str(error)


def test_a_server_that_dies(tmp_path: Path) -> None:
    outlet = KeepingOutlet()
    with simulator("--loop", gate=make_clip(tmp_path / "clip.mp4")) as server:
        source = open_source(RtspCamera(id="gate", url=server.urls["gate"], fps=25))
        with running(source, outlet) as run:
            outlet.wait(3)
            server.process.kill()
            error = run.error()
    assert isinstance(error, SourceError)
    assert error.kind in {"end_of_stream", "disconnected"}
    assert error.transient


@pytest.mark.parametrize("keyframes_only", [False, True])
def test_a_server_that_falls_silent(tmp_path: Path, keyframes_only: bool) -> None:  # noqa: FBT001 - a parameter of the test
    outlet = KeepingOutlet()
    with simulator("--loop", gate=make_clip(tmp_path / "clip.mp4")) as server:
        camera = RtspCamera(
            id="gate",
            url=server.urls["gate"],
            fps=25,
            stall_timeout_s=1.5,
            keyframes_only=keyframes_only,
        )
        with running(open_source(camera), outlet) as run:
            outlet.wait(2)
            server.process.send_signal(signal.SIGSTOP)
            error = run.error()
    assert isinstance(error, SourceError)
    assert (error.kind, error.transient) == ("stalled", True)


def _missing(path: Path) -> None:
    pass


def _empty(path: Path) -> None:
    path.touch()


def _text(path: Path) -> None:
    path.write_text("no video\n" * 100)


def _cut(path: Path) -> None:
    make_clip(path)
    path.write_bytes(path.read_bytes()[:3000])


@pytest.mark.parametrize(
    ("make", "kind", "transient"),
    [
        (_missing, "missing_file", True),
        (_empty, "empty", True),
        (_text, "unsupported", False),
        (_cut, "corrupt", True),
    ],
)
@pytest.mark.parametrize("loop", [False, True])
def test_bad_files(
    tmp_path: Path,
    make: Callable[[Path], object],
    kind: str,
    transient: bool,  # noqa: FBT001 - a parameter of the test
    loop: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    error = _failure(FileCamera(id="gate", path=str(path), loop=loop))
    assert (error.kind, error.transient) == (kind, transient)
    assert str(path) in str(error)


def test_bad_image_folders(tmp_path: Path) -> None:
    missing = _failure(ImagesCamera(id="gate", path=str(tmp_path / "no")))
    empty = _failure(ImagesCamera(id="gate", path=str(tmp_path), loop=True))
    (tmp_path / "a.png").write_bytes(b"no picture")
    corrupt = _failure(ImagesCamera(id="gate", path=str(tmp_path), fps=60, loop=True))
    assert [e.kind for e in (missing, empty, corrupt)] == ["missing_file", "empty", "corrupt"]


def test_a_device_that_is_not_there() -> None:
    error = _failure(V4l2Camera(id="gate", device="/dev/video-that-is-none"))
    assert (error.kind, error.transient) == ("not_found", True)
    assert "/dev/video-that-is-none" in str(error)


@pytest.mark.skipif(available("nvarguscamerasrc"), reason="this is a Jetson: it has the element")
def test_a_csi_camera_on_another_board_is_refused_with_the_missing_element() -> None:
    error = _failure(CsiCamera(id="gate"))
    assert (error.kind, error.transient) == ("unsupported", False)
    assert "nvarguscamerasrc" in str(error)
