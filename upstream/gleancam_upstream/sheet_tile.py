"""One kept frame on a contact sheet: the picture with its boxes, and a caption."""

from __future__ import annotations

import zlib

from PIL import Image, ImageDraw, ImageFont, ImageOps

from gleancam.wire.sample_data import LabelData, SampleData
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.kept import Kept

PICTURE = (384, 216)
CAPTION = 46
TILE = (PICTURE[0], PICTURE[1] + CAPTION)

PAPER = (255, 255, 255)
INK = (28, 32, 38)
FAINT = (112, 118, 128)
_FRAME = (24, 26, 30)
_PALETTE = (
    (230, 80, 60),
    (38, 132, 235),
    (22, 150, 90),
    (200, 120, 0),
    (150, 70, 200),
    (0, 145, 160),
    (205, 50, 125),
    (95, 110, 20),
)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font, so that the sheet looks the same everywhere."""
    return ImageFont.load_default(size)


def draw_tile(kept: Kept) -> Image.Image:
    """Return the tile of one sample, `TILE` pixels, RGB.

    Raises:
        DatasetError: the picture is missing or damaged.
    """
    tile = Image.new("RGB", TILE, PAPER)
    tile.paste(_picture(kept), (0, 0))
    _caption(ImageDraw.Draw(tile), kept.data)
    return tile


def _picture(kept: Kept) -> Image.Image:
    """The picture, fitted and centred, boxes drawn at the size they are seen."""
    try:
        with Image.open(kept.image) as image:
            image.draft("RGB", PICTURE)
            fitted = ImageOps.contain(image.convert("RGB"), PICTURE)
    except OSError as error:
        raise DatasetError(f"{kept.image} cannot be drawn: {error}") from error
    draw = ImageDraw.Draw(fitted)
    for label in sorted(kept.data.labels, key=lambda label: label.score):
        _draw_label(draw, label, fitted.size)
    return ImageOps.pad(fitted, PICTURE, color=_FRAME)


def _draw_label(draw: ImageDraw.ImageDraw, label: LabelData, size: tuple[int, int]) -> None:
    width, height = size
    left, top = label.box[0] * (width - 1), label.box[1] * (height - 1)
    right, bottom = label.box[2] * (width - 1), label.box[3] * (height - 1)
    colour = class_colour(label.class_name)
    draw.rectangle((left, top, right, bottom), outline=colour, width=2)
    _draw_tag(draw, f"{label.class_name} {label.score:.2f}", (left, top), size, colour)


def _draw_tag(
    draw: ImageDraw.ImageDraw,
    text: str,
    corner: tuple[float, float],
    size: tuple[int, int],
    colour: tuple[int, int, int],
) -> None:
    """Above the box, or inside it at the upper edge; never over the picture's right edge."""
    small = font(11)
    wide = draw.textlength(text, small) + 6
    left = max(0.0, min(corner[0], size[0] - wide))
    top = corner[1] - 14 if corner[1] >= 14 else corner[1]
    draw.rectangle((left, top, left + wide, top + 14), fill=colour)
    draw.text((left + 3, top + 7), text, PAPER, small, anchor="lm")


def _caption(draw: ImageDraw.ImageDraw, data: SampleData) -> None:
    chosen = data.selection
    baseline = PICTURE[1] + 17
    draw.text((2, baseline), chosen.reason.value.replace("_", " "), INK, font(15), anchor="ls")
    draw.text((TILE[0] - 2, baseline), _score(data), INK, font(13), anchor="rs")
    where = f"{data.camera}   {data.captured[11:23]} UTC"
    draw.text((2, baseline + 18), where, FAINT, font(12), anchor="ls")
    draw.text((TILE[0] - 2, baseline + 18), _labels(data), FAINT, font(12), anchor="rs")


def _score(data: SampleData) -> str:
    score, threshold = data.selection.score, data.selection.threshold
    if score is None:
        return "nothing to compare with"
    return f"{score:.3f}" if threshold is None else f"{score:.3f}   threshold {threshold:.3f}"


def _labels(data: SampleData) -> str:
    count = len(data.labels)
    return "no objects" if not count else f"{count} object{'s' if count > 1 else ''}"


def class_colour(name: str) -> tuple[int, int, int]:
    """Return the colour of a class: the same on every sheet."""
    return _PALETTE[zlib.crc32(name.encode()) % len(_PALETTE)]
