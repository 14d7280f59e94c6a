"""Polygons as cells: what is blackened before anything looks, and what the gate ignores.

Every cell a polygon touches counts, and up to one cell more around it: a mask errs on the side of
hiding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam_engines.planes import Colorimetry, Planes, Range

BoolArray: TypeAlias = npt.NDArray[np.bool_]
Corners: TypeAlias = Sequence[tuple[float, float]]

NEUTRAL_CHROMA = 128
_FINER = 16
"""Thumbnail cells are drawn this much finer, so that the extra cell around stays small."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaneMasks:
    """What is black at one resolution.

    Attributes:
        y: `(H, W)` bool.
        chroma: `((H + 1) // 2, (W + 1) // 2)` bool: cells of which any pixel is black.
    """

    y: BoolArray
    chroma: BoolArray


def touched_cells(polygons: Sequence[Corners], shape: tuple[int, int]) -> BoolArray:
    """Find the cells of a grid that polygons touch.

    Args:
        polygons: (x, y) corners in 0…1 of width and height.
        shape: rows and columns of the grid.

    Returns:
        `shape` bool, read-only.
    """
    rows, columns = shape
    image = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(image)
    for corners in polygons:
        cells = [(_cell(x, columns), _cell(y, rows)) for x, y in corners]
        draw.polygon(cells, fill=255)
        # Pillow fills thin polygons with holes.
        draw.line([*cells, cells[0]], fill=255)
    # Rounding corners to cells and drawing lines between them is off by less than one cell.
    touched = np.asarray(image.filter(ImageFilter.MaxFilter(3))) > 0
    touched.setflags(write=False)
    return touched


def plane_masks(polygons: Sequence[Corners], height: int, width: int) -> PlaneMasks:
    """Draw polygons at the resolution of a picture."""
    y = touched_cells(polygons, (height, width))
    even = np.pad(y, ((0, height % 2), (0, width % 2)))
    return PlaneMasks(y, _any_in_blocks(even, 2, 2))


def thumbnail_cells(polygons: Sequence[Corners]) -> BoolArray:
    """Find the thumbnail cells that polygons touch: `THUMBNAIL_SHAPE` bool."""
    rows, columns = THUMBNAIL_SHAPE
    fine = touched_cells(polygons, (rows * _FINER, columns * _FINER))
    return _any_in_blocks(fine, _FINER, _FINER)


def visible_cells(ignored: Sequence[Corners]) -> BoolArray:
    """Find the thumbnail cells that the change gate looks at: all but those ignored.

    Returns:
        `THUMBNAIL_SHAPE` bool, True where it looks.
    """
    return ~thumbnail_cells(ignored)


def black_luma(colorimetry: Colorimetry) -> int:
    """Return the luma of black: 16 in limited range, 0 in full range."""
    return 0 if colorimetry.range is Range.FULL else 16


def blacken(planes: Planes, masks: PlaneMasks) -> None:
    """Blacken the masked cells of writable planes, in place.

    Raises:
        ValueError: the masks were drawn for another resolution.
    """
    np.copyto(planes.y, np.uint8(black_luma(planes.colorimetry)), where=masks.y)
    for plane in (planes.u, planes.v):
        np.copyto(plane, np.uint8(NEUTRAL_CHROMA), where=masks.chroma)


def _cell(position: float, count: int) -> int:
    return min(int(position * count), count - 1)


def _any_in_blocks(cells: BoolArray, rows: int, columns: int) -> BoolArray:
    height, width = cells.shape
    blocks = cells.reshape(height // rows, rows, width // columns, columns)
    return np.asarray(blocks.any(axis=(1, 3)))
