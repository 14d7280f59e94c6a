"""A contact sheet: the kept frames of a dataset in order of capture, on one picture."""

from __future__ import annotations

import io
import math
from collections import Counter
from pathlib import Path

from PIL import Image, ImageDraw

from gleancam_upstream.durable import sync_directory, write_durably
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.kept import index, load, pictured
from gleancam_upstream.lines import IndexLine
from gleancam_upstream.sheet_tile import (
    FAINT,
    INK,
    PAPER,
    TILE,
    class_colours,
    draw_tile,
    font,
)

MAX_FRAMES = 60
MAX_COLUMNS = 5
GAP = 16
HEADER = 64


def write_sheet(root: Path, out: Path) -> None:
    """Draw the frames of the dataset `root` and write a JPEG.

    Of more than `MAX_FRAMES` frames, evenly spaced ones are drawn, and the sheet says so.

    Raises:
        DatasetError: there is no dataset, it is empty, or a file of it is damaged.
        OSError: `out` cannot be written.
    """
    rows = pictured(root, index(root))
    if not rows:
        raise DatasetError(f"{root} holds no samples", cure="run `gleancam-upstream consume` first")
    buffer = io.BytesIO()
    draw_sheet(root, rows).save(buffer, "JPEG", quality=88, optimize=True)
    write_durably(out, buffer.getvalue())
    sync_directory(out.parent)


def draw_sheet(root: Path, rows: list[IndexLine]) -> Image.Image:
    """Return the sheet of at least one sample, RGB.

    Raises:
        DatasetError: a file of the dataset is damaged.
    """
    shown = [load(root, row) for row in evenly(rows, MAX_FRAMES)]
    colours = class_colours(shown)
    columns = min(MAX_COLUMNS, max(2, math.ceil(math.sqrt(len(shown)))))
    lines = math.ceil(len(shown) / columns)
    width = GAP + columns * (TILE[0] + GAP)
    sheet = Image.new("RGB", (width, HEADER + lines * (TILE[1] + GAP) + GAP), PAPER)
    _draw_header(ImageDraw.Draw(sheet), rows, len(shown))
    for place, kept in enumerate(shown):
        line, column = divmod(place, columns)
        corner = (GAP + column * (TILE[0] + GAP), HEADER + line * (TILE[1] + GAP))
        sheet.paste(draw_tile(kept, colours), corner)
    return sheet


def evenly(rows: list[IndexLine], most: int) -> list[IndexLine]:
    """Return at most `most` rows, evenly spaced, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return [rows[place * (len(rows) - 1) // (most - 1)] for place in range(most)]


def _draw_header(draw: ImageDraw.ImageDraw, rows: list[IndexLine], shown: int) -> None:
    first, last = rows[0].captured, rows[-1].captured
    reasons = Counter(row.reason.replace("_", " ") for row in rows)
    title = f"{len(rows)} kept frame{'s' if len(rows) > 1 else ''}"
    if shown < len(rows):
        title += f" ({shown} of them shown, evenly spaced)"
    end = last[11:19] if first[:10] == last[:10] else f"{last[:10]} {last[11:19]}"
    span = f"{first[:10]} {first[11:19]} to {end} UTC"
    parts = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    draw.text((GAP, 30), title, INK, font(22), anchor="ls")
    draw.text((GAP, 51), f"{span}    {parts}", FAINT, font(13), anchor="ls")
