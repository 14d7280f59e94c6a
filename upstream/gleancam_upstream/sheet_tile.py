"""One kept frame on a contact sheet: the picture with its boxes, and a caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont, ImageOps

from gleancam.wire.sample_data import LabelData, SampleData
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.kept import Kept

Colour: TypeAlias = tuple[int, int, int]

PICTURE = (384, 216)
CAPTION = 46
TILE = (PICTURE[0], PICTURE[1] + CAPTION)

PAPER = (255, 255, 255)
INK = (28, 32, 38)
FAINT = (112, 118, 128)
_FRAME = (232, 234, 237)
_TAG = 14
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


def class_colours(kept: Iterable[Kept]) -> dict[str, Colour]:
    """Return a colour for every class, the most frequent ones apart from each other."""
    counts = Counter(label.class_name for one in kept for label in one.data.labels)
    by_count = sorted(counts, key=lambda name: (-counts[name], name))
    return {name: _PALETTE[place % len(_PALETTE)] for place, name in enumerate(by_count)}


def draw_tile(kept: Kept, colours: Mapping[str, Colour]) -> Image.Image:
    """Return the tile of one sample, `TILE` pixels, RGB.

    Raises:
        DatasetError: the picture is missing or damaged.
    """
    tile = Image.new("RGB", TILE, PAPER)
    tile.paste(_picture(kept, colours), (0, 0))
    _caption(ImageDraw.Draw(tile), kept.data)
    return tile


def _picture(kept: Kept, colours: Mapping[str, Colour]) -> Image.Image:
    """The picture, fitted and centred, boxes drawn at the size they are seen."""
    try:
        with Image.open(kept.image) as image:
            image.draft("RGB", PICTURE)
            fitted = ImageOps.contain(image.convert("RGB"), PICTURE)
    except OSError as error:
        raise DatasetError(f"{kept.image} cannot be drawn: {error}") from error
    draw = ImageDraw.Draw(fitted)
    labels = sorted(kept.data.labels, key=lambda label: label.score)
    for paint in (_draw_box, _draw_tag):
        for label in labels:
            paint(draw, label, fitted.size, colours[label.class_name])
    return ImageOps.pad(fitted, PICTURE, color=_FRAME)


def _draw_box(
    draw: ImageDraw.ImageDraw, label: LabelData, size: tuple[int, int], colour: Colour
) -> None:
    left, top, right, bottom = label.box
    across, down = size[0] - 1, size[1] - 1
    corners = (left * across, top * down, right * across, bottom * down)
    draw.rectangle(corners, outline=colour, width=2)


def _draw_tag(
    draw: ImageDraw.ImageDraw, label: LabelData, size: tuple[int, int], colour: Colour
) -> None:
    """Above the box, or inside it at the upper edge; never over the picture's right edge."""
    small = font(11)
    text = f"{_short(label.class_name)} {label.score:.2f}"
    wide = draw.textlength(text, small) + 6
    left = max(0.0, min(label.box[0] * (size[0] - 1), size[0] - wide))
    top = label.box[1] * (size[1] - 1)
    top -= _TAG if top >= _TAG else 0
    draw.rectangle((left, top, left + wide, top + _TAG), fill=colour)
    draw.text((left + 3, top + _TAG / 2), text, PAPER, small, anchor="lm")


def _caption(draw: ImageDraw.ImageDraw, data: SampleData) -> None:
    chosen = data.selection
    baseline = PICTURE[1] + 17
    draw.text((2, baseline), chosen.reason.value.replace("_", " "), INK, font(15), anchor="ls")
    draw.text((TILE[0] - 2, baseline), _score(data), INK, font(13), anchor="rs")
    where = f"{_short(data.camera)}   {data.captured[11:23]} UTC"
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


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"
