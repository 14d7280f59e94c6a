"""Reading video files picture by picture."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gleancam.errors import SourceError
from gleancam.sources.video import read_video
from gleancam_engines.planes import Matrix, Range
from made_clips import FPS, make_clip, shade

FILES = [
    ("h264", ".mp4"),
    ("h264", ".mkv"),
    ("h264", ".ts"),
    ("h265", ".mkv"),
    ("mjpeg", ".avi"),
    ("vp8", ".mkv"),
    ("mpeg4", ".avi"),
]


@pytest.mark.parametrize(("codec", "suffix"), FILES)
def test_every_picture_comes_once_in_presentation_order(
    tmp_path: Path, codec: str, suffix: str
) -> None:
    frames = list(read_video(make_clip(tmp_path / f"clip{suffix}", codec=codec)))
    assert [frame.index for frame in frames] == list(range(50))
    shades = [float(frame.planes.y.mean()) for frame in frames]
    assert np.allclose(shades, [shade(index) for index in range(50)], atol=3)
    assert np.allclose([frame.t_s for frame in frames], np.arange(50) / FPS, atol=0.001)


@pytest.mark.parametrize("size", [(35, 51), (36, 50), (33, 66)])
def test_odd_sizes_lose_no_row_and_no_column(tmp_path: Path, size: tuple[int, int]) -> None:
    path = make_clip(tmp_path / "odd.avi", codec="mjpeg", frames=3, size=size)
    frame = next(read_video(path))
    rows, columns = size
    assert frame.planes.y.shape == size
    assert frame.planes.u.shape == ((rows + 1) // 2, (columns + 1) // 2)
    assert np.ptp(frame.planes.y.astype(int), axis=0).max() <= 8, "a wrong stride skews columns"
    assert abs(float(frame.planes.u.mean()) - 90) < 4
    assert abs(float(frame.planes.v.mean()) - 160) < 4


def test_planes_are_read_only_and_hold_no_padding(tmp_path: Path) -> None:
    planes = next(read_video(make_clip(tmp_path / "clip.mp4", frames=2))).planes
    for plane in (planes.y, planes.u, planes.v):
        assert not plane.flags.writeable
        assert plane.flags.c_contiguous


@pytest.mark.parametrize(
    ("codec", "suffix", "size", "matrix", "levels"),
    [
        ("h264", ".mp4", (64, 96), Matrix.BT601, Range.LIMITED),
        ("h264", ".mp4", (720, 1280), Matrix.BT709, Range.LIMITED),
        ("mjpeg", ".avi", (64, 96), Matrix.BT601, Range.FULL),
    ],
)
def test_colorimetry_follows_the_stream(
    tmp_path: Path,
    codec: str,
    suffix: str,
    size: tuple[int, int],
    matrix: Matrix,
    levels: Range,
) -> None:
    path = make_clip(tmp_path / f"clip{suffix}", codec=codec, frames=2, size=size)
    colorimetry = next(read_video(path)).planes.colorimetry
    assert (colorimetry.matrix, colorimetry.range) == (matrix, levels)


def test_twice_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    video = read_video(path)
    assert len(list(video)) == 50
    assert video.fault is None
    first, second = ([frame.planes.y.tobytes() for frame in read_video(path)] for _ in range(2))
    assert first == second


def test_a_file_cut_short_gives_what_it_has(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mkv", size=(240, 320))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = read_video(path)
    frames = list(video)
    assert 5 < len(frames) < 50
    assert video.fault is not None
    assert video.fault.kind == "corrupt"
    assert [frame.index for frame in frames] == list(range(len(frames)))


def test_a_flipped_bit_stops_nothing(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", size=(240, 320))
    data = bytearray(path.read_bytes())
    rng = random.Random(7)
    for _ in range(20):
        data[rng.randrange(1000, len(data) - 3000)] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    assert len(list(read_video(path))) > 25


def _missing(path: Path) -> None:
    path.unlink(missing_ok=True)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _random(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(100_000))


def _folder(path: Path) -> None:
    path.mkdir()


def _bare(path: Path) -> None:
    make_clip(path.with_suffix(".h264")).rename(path)


def _text(path: Path) -> None:
    path.write_text("[camera]\nurl = nowhere\n" * 50)


def _headless(path: Path) -> None:
    make_clip(path)
    path.write_bytes(path.read_bytes()[:2000])


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (_missing, {"missing_file"}),
        (_folder, {"missing_file"}),
        (_empty, {"empty"}),
        (_random, {"corrupt", "unsupported"}),
        (_text, {"corrupt", "unsupported"}),
        (_headless, {"corrupt"}),
        (_bare, {"unsupported"}),
    ],
)
def test_a_file_without_a_picture_is_an_error_that_names_it(
    tmp_path: Path, spoil: Callable[[Path], object], kinds: set[str]
) -> None:
    path = tmp_path / "clip.mp4"
    spoil(path)
    with pytest.raises(SourceError) as caught:
        next(read_video(path))
    assert caught.value.kind in kinds
    assert str(path) in str(caught.value)
    assert caught.value.cure


def test_closing_early_releases_the_decoder(tmp_path: Path) -> None:
    video = read_video(make_clip(tmp_path / "clip.mp4"))
    next(video)
    video.close()
    assert list(video) == []


@pytest.mark.evaluation
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("videos/vtest.avi", 795),
        ("videos/skv_bikes.mp4", 250),
        ("videos/vfr_highway_drop.mp4", 412),
        ("videos/tc_h265_video.mp4", 10),
        ("videos/tc_av1_video.mkv", 125),
        ("composites/cuts_public.mp4", 1066),
        ("composites/cuts_public_mjpeg_first300.avi", 300),
    ],
)
def test_real_files_have_as_many_pictures_as_ffmpeg_counts(
    evaluation_data: Path, name: str, count: int
) -> None:
    frames = 0
    last_s = -1.0
    for frame in read_video(evaluation_data / name):
        assert frame.t_s > last_s
        last_s = frame.t_s
        frames += 1
    assert frames == count
