from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.colour import rgb, to_jpeg_colorimetry
from gleancam_engines.planes import JPEG_COLORIMETRY, Colorimetry, Matrix, Planes, Range
from made_planes import COLORIMETRIES, flat, from_rgb, noise

BT601_LIMITED = Colorimetry(Matrix.BT601, Range.LIMITED)
BT709_LIMITED = Colorimetry(Matrix.BT709, Range.LIMITED)
byte = st.integers(0, 255)


@given(red=byte, green=byte, blue=byte, colorimetry=st.sampled_from(COLORIMETRIES))
def test_a_colour_survives_the_round_trip(
    red: int, green: int, blue: int, colorimetry: Colorimetry
) -> None:
    colour = np.full((4, 6, 3), (red, green, blue), np.uint8)
    # Stored samples are rounded: half a chroma step is up to 1.08 of blue in limited range.
    assert np.abs(rgb(from_rgb(colour, colorimetry)).astype(int) - colour).max() <= 2


@pytest.mark.parametrize(
    ("yuv", "colorimetry", "expected"),
    [
        ((16, 128, 128), BT601_LIMITED, (0, 0, 0)),
        ((235, 128, 128), BT601_LIMITED, (255, 255, 255)),
        ((81, 90, 240), BT601_LIMITED, (255, 0, 0)),  # BT.601 100 % red
        ((63, 102, 240), BT709_LIMITED, (255, 0, 0)),  # BT.709 100 % red
        ((173, 42, 26), BT709_LIMITED, (0, 255, 0)),
        ((32, 240, 118), BT709_LIMITED, (0, 0, 255)),
        ((76, 85, 255), JPEG_COLORIMETRY, (254, 0, 0)),  # T.871 red, rounded to bytes
    ],
)
def test_known_colours(
    yuv: tuple[int, int, int], colorimetry: Colorimetry, expected: tuple[int, int, int]
) -> None:
    picture = rgb(flat(4, 4, yuv, colorimetry)).astype(int)
    assert np.abs(picture - expected).max() <= 1


@given(y=st.integers(16, 235), u=st.integers(16, 240), v=st.integers(16, 240))
def test_bt601_limited_agrees_with_opencv(y: int, u: int, v: int) -> None:
    planes = flat(4, 4, (y, u, v), BT601_LIMITED)
    i420 = np.concatenate([planes.y.ravel(), planes.u.ravel(), planes.v.ravel()]).reshape(6, 4)
    theirs = cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420)
    assert np.abs(rgb(planes).astype(int) - theirs).max() <= 2


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (5, 7), (4, 9), (33, 64)])
def test_any_size(size: tuple[int, int]) -> None:
    planes = noise(*size)
    assert rgb(planes).shape == (*size, 3)
    jpeg = to_jpeg_colorimetry(planes)
    assert (jpeg.y.shape, jpeg.u.shape) == (planes.y.shape, planes.u.shape)


def test_chroma_is_interpolated_between_sample_centres() -> None:
    u = np.array([[128, 192]], np.uint8)
    planes = Planes(
        np.full((2, 4), 100, np.uint8), u, np.full((1, 2), 128, np.uint8), JPEG_COLORIMETRY
    )
    blue = rgb(planes)[0, :, 2].astype(int)
    weights = np.array([0, 0.25, 0.75, 1])
    np.testing.assert_allclose(blue, 100 + 1.772 * 64 * weights, atol=1)


@pytest.mark.parametrize("colorimetry", COLORIMETRIES)
def test_jpeg_colorimetry_shows_the_same_picture(colorimetry: Colorimetry) -> None:
    rows, columns = np.mgrid[:60, :81]
    smooth = np.stack([rows + 90, columns + 80, 200 - rows - columns / 2], 2)
    planes = from_rgb(smooth, colorimetry)
    jpeg = to_jpeg_colorimetry(planes)
    assert jpeg.colorimetry == JPEG_COLORIMETRY
    assert np.abs(rgb(jpeg).astype(int) - rgb(planes)).max() <= 3
    assert np.abs(rgb(jpeg).astype(int) - rgb(planes)).mean() < 0.6


def test_what_is_jpeg_already_comes_back_as_it_is() -> None:
    planes = noise(6, 6, JPEG_COLORIMETRY)
    assert to_jpeg_colorimetry(planes) is planes


@given(y=byte, colorimetry=st.sampled_from(COLORIMETRIES))
def test_grey_stays_grey(y: int, colorimetry: Colorimetry) -> None:
    jpeg = to_jpeg_colorimetry(flat(2, 2, (y, 128, 128), colorimetry))
    assert (jpeg.u == 128).all()
    assert (jpeg.v == 128).all()
