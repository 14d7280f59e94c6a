"""Masks: every touched cell is black, cells well away are untouched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.mask import blacken, plane_masks, thumbnail_cells, touched_cells, visible_cells
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range

Triangle = tuple[tuple[float, float], ...]
Weights = tuple[float, float, float]

share = st.floats(0, 1)
triangles = st.tuples(*[st.tuples(share, share)] * 3)
sizes = st.tuples(st.integers(1, 90), st.integers(1, 90))
weights = st.tuples(share, share, share).filter(lambda parts: sum(parts) > 0.01)


def _inside(triangle: Triangle, parts: Weights) -> np.ndarray:
    return np.average(np.array(triangle), axis=0, weights=parts)


@given(triangles, sizes, weights)
def test_the_cell_of_every_inner_point_is_touched(
    triangle: Triangle, size: tuple[int, int], parts: Weights
) -> None:
    x, y = _inside(triangle, parts)
    rows, columns = size
    cells = touched_cells([triangle], size)
    assert cells[min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)]


@given(triangles, sizes)
def test_nothing_is_touched_beyond_two_cells_of_the_bounding_box(
    triangle: Triangle, size: tuple[int, int]
) -> None:
    corners = np.array(triangle) * (size[1], size[0])
    (left, top), (right, bottom) = corners.min(axis=0) - 2, corners.max(axis=0) + 2
    for row, column in np.argwhere(touched_cells([triangle], size)):
        assert left <= column + 0.5 <= right
        assert top <= row + 0.5 <= bottom


@given(triangles, sizes)
def test_chroma_of_every_touched_pixel_is_touched(
    triangle: Triangle, size: tuple[int, int]
) -> None:
    masks = plane_masks([triangle], *size)
    assert masks.chroma.shape == ((size[0] + 1) // 2, (size[1] + 1) // 2)
    for row, column in np.argwhere(masks.y):
        assert masks.chroma[row // 2, column // 2]


@given(triangles, weights)
def test_thumbnail_cells_cover_the_polygon(triangle: Triangle, parts: Weights) -> None:
    x, y = _inside(triangle, parts)
    rows, columns = THUMBNAIL_SHAPE
    assert thumbnail_cells([triangle])[
        min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)
    ]


@pytest.mark.parametrize(("levels", "black"), [(Range.LIMITED, 16), (Range.FULL, 0)])
@pytest.mark.parametrize("size", [(48, 64), (47, 63)])
def test_masked_pixels_are_black_and_the_rest_untouched(
    levels: Range, black: int, size: tuple[int, int]
) -> None:
    rng = np.random.default_rng(1)
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    y, u, v = (rng.integers(30, 90, shape, np.uint8) for shape in (size, half, half))
    planes = Planes(y.copy(), u.copy(), v.copy(), Colorimetry(Matrix.BT601, levels))
    masks = plane_masks([((0.2, 0.2), (0.8, 0.3), (0.5, 0.9))], *size)
    blacken(planes, masks)
    assert (planes.y[masks.y] == black).all()
    assert (planes.y[~masks.y] == y[~masks.y]).all()
    for plane, before in ((planes.u, u), (planes.v, v)):
        assert (plane[masks.chroma] == 128).all()
        assert (plane[~masks.chroma] == before[~masks.chroma]).all()
    assert 0.1 < masks.y.mean() < 0.4


def test_the_whole_frame_can_be_masked() -> None:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert touched_cells([whole], (37, 53)).all()
    assert not visible_cells([whole]).any()


def test_without_polygons_everything_is_visible() -> None:
    assert visible_cells([]).all()
    assert visible_cells([]).shape == THUMBNAIL_SHAPE


def test_masks_of_another_resolution_are_refused() -> None:
    planes = Planes(
        np.zeros((4, 4), np.uint8),
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2), np.uint8),
        Colorimetry(Matrix.BT601, Range.LIMITED),
    )
    with pytest.raises(ValueError, match="broadcast"):
        blacken(planes, plane_masks([((0, 0), (1, 0), (1, 1))], 6, 6))
