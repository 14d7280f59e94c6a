"""Photographs from files, and what is no photograph."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gleancam_engines.colour import rgb
from gleancam_engines.errors import PictureError
from gleancam_engines.photographs import LONGEST_SIDE, decode_photograph, read_photographs
from gleancam_engines.planes import JPEG_COLORIMETRY
from made_planes import scenery


def _encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _scene(height: int = 60, width: int = 80, seed: int = 0) -> Image.Image:
    return Image.fromarray(scenery(height, width, seed))


def _bomb(side: int) -> bytes:
    """Return the header of a PNG that claims to be `side` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + tail

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_a_jpeg_keeps_its_colours(subsampling: str) -> None:
    smooth = _scene(64, 96).resize((9, 6)).resize((97, 65), Image.Resampling.BICUBIC)
    content = _encoded(smooth, "JPEG", quality=95, subsampling=subsampling)
    planes = decode_photograph(content, "smooth")
    assert planes.colorimetry == JPEG_COLORIMETRY
    assert (planes.height, planes.width, planes.u.shape) == (65, 97, (33, 49))
    difference = np.abs(rgb(planes).astype(int) - np.asarray(smooth, int))
    assert difference.mean() < 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_any_kind_is_read(mode: str) -> None:
    planes = decode_photograph(_encoded(_scene().convert(mode), "PNG"), mode)
    assert planes.y.shape == (60, 80)
    assert planes.y.std() > 10


def test_a_transparent_palette_is_read() -> None:
    content = _encoded(_scene().convert("P"), "PNG", transparency=b"\x00" * 200)
    assert decode_photograph(content, "palette").y.shape == (60, 80)


def test_grey_stays_grey() -> None:
    picture = Image.fromarray(np.full((9, 7), 77, np.uint8))
    planes = decode_photograph(_encoded(picture, "PNG"), "grey")
    assert (planes.y == 77).all()
    assert (planes.u == 128).all()
    assert (planes.v == 128).all()


def test_a_huge_one_is_shrunk_and_keeps_its_shape() -> None:
    content = _encoded(Image.new("RGB", (LONGEST_SIDE * 2, 1000)), "JPEG")
    planes = decode_photograph(content, "huge")
    assert (planes.width, planes.height) == (LONGEST_SIDE, 500)


@pytest.mark.parametrize("side", [12_000, 40_000])
def test_a_decompression_bomb_is_refused(side: int) -> None:
    with pytest.raises(PictureError, match=r"bomb\.png is too large"):
        decode_photograph(_bomb(side), "bomb.png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        _encoded(_scene(), "JPEG")[:400],
        _encoded(_scene(), "PNG")[:400],
        _encoded(_scene(), "PNG").replace(b"IDAT", b"IDAX"),
        _encoded(_scene(), "GIF"),
        _encoded(Image.fromarray(np.full((4, 4), 700, np.uint16)), "PNG"),
    ],
    ids=["empty", "text", "short JPEG", "short PNG", "broken chunk", "another kind", "16 bits"],
)
def test_what_is_no_photograph_is_named(content: bytes) -> None:
    with pytest.raises(PictureError, match=r"door\.jpg cannot be read"):
        decode_photograph(content, "door.jpg")


def test_a_folder_is_read_in_order_of_names(tmp_path: Path) -> None:
    for at, name in enumerate(["b.PNG", "a.jpg", "c.jpeg"]):
        _scene(10 + at, 20).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    assert [one.height for one in read_photographs(tmp_path)] == [11, 10, 12]


def test_of_many_some_are_taken_evenly(tmp_path: Path) -> None:
    for at in range(10):
        _scene(10 + at, 20).save(tmp_path / f"{at}.png")
    assert [one.height for one in read_photographs(tmp_path, limit=3)] == [10, 13, 16]


def test_photographs_are_read_only(tmp_path: Path) -> None:
    _scene().save(tmp_path / "one.png")
    (one,) = read_photographs(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        one.y[0, 0] = 1


def test_a_broken_file_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(PictureError, match=r"torn\.jpg cannot be read"):
        read_photographs(tmp_path)


def test_a_folder_named_like_a_picture_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(PictureError, match=r"folder\.jpg cannot be read"):
        read_photographs(tmp_path)


def test_an_empty_folder_is_an_error_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="give a folder of photographs"):
        read_photographs(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="there is no folder"):
        read_photographs(tmp_path / "nowhere")
