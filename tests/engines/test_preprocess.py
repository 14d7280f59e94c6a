from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import JPEG_COLORIMETRY, Colorimetry, Planes
from gleancam_engines.preprocess import preprocess
from made_planes import COLORIMETRIES, HD, flat, from_rgb, noise, scenery

RAW = Preprocess(32, 48, "squash", divisor=1.0)


def _pillow(rgb: npt.NDArray[np.uint8], spec: Preprocess) -> npt.NDArray[np.float32]:
    """The usual order: RGB first, then resize each channel; not rounded."""
    planes = [Image.fromarray(rgb[..., at]).convert("F") for at in range(3)]
    size = (spec.width, spec.height)
    small = [np.asarray(plane.resize(size, Image.Resampling.BICUBIC)) for plane in planes]
    clipped: npt.NDArray[np.float32] = np.clip(np.stack(small), 0, 255)
    return clipped


@pytest.mark.parametrize("colorimetry", COLORIMETRIES)
@pytest.mark.parametrize("size", [(360, 640), (361, 639), (16, 24)])
def test_agrees_with_converting_first(colorimetry: Colorimetry, size: tuple[int, int]) -> None:
    smooth = np.asarray(cv2.GaussianBlur(scenery(*size), (0, 0), 3), np.uint8)
    tensor = preprocess([from_rgb(smooth, colorimetry)], RAW)[0]
    difference = np.abs(tensor - _pillow(smooth, RAW))
    assert difference.mean() < 1
    assert np.quantile(difference, 0.99) < 5


def test_luma_of_a_grey_picture_is_exactly_pillows() -> None:
    planes = noise(90, 130, JPEG_COLORIMETRY)
    grey = np.full_like(planes.u, 128)
    tensor = preprocess([Planes(planes.y, grey, grey, JPEG_COLORIMETRY)], RAW)[0]
    expected = _pillow(np.repeat(planes.y[..., np.newaxis], 3, 2), RAW)
    np.testing.assert_allclose(tensor, expected, atol=1e-3)


@pytest.mark.parametrize("mode", ["squash", "crop", "letterbox"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (7, 2), (33, 31), (720, 1280)])
def test_one_colour_stays_one_colour_at_any_size(
    mode: Literal["squash", "crop", "letterbox"], size: tuple[int, int]
) -> None:
    spec = Preprocess(20, 30, mode, divisor=1.0, pad=7)
    tensor = preprocess([flat(*size, (126, 128, 128), HD)], spec)[0]
    inside = tensor != 7
    np.testing.assert_allclose(tensor[inside], (126 - 16) * 255 / 219, atol=0.01)
    assert inside.all() == (mode != "letterbox" or size[0] * 30 == size[1] * 20)


def test_normalises_each_channel() -> None:
    spec = Preprocess(4, 4, "squash", mean=(0.5, 0.25, 0.0), std=(0.5, 1.0, 2.0))
    tensor = preprocess([flat(8, 8, (255, 128, 128), JPEG_COLORIMETRY)], spec)
    np.testing.assert_allclose(tensor[0, :, 0, 0], [1.0, 0.75, 0.5], atol=1e-5)


def test_pads_before_normalising() -> None:
    spec = Preprocess(8, 8, "letterbox", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), pad=255)
    tensor = preprocess([flat(4, 8, (0, 128, 128), JPEG_COLORIMETRY)], spec)[0]
    np.testing.assert_allclose(tensor[:, 4:], 1, atol=1e-6)
    np.testing.assert_allclose(tensor[:, :4], -1, atol=1e-6)


def test_bgr_is_rgb_backwards() -> None:
    planes = noise(40, 60)
    bgr = preprocess([planes], Preprocess(32, 48, "squash", divisor=1.0, colour="bgr"))
    np.testing.assert_allclose(bgr[:, ::-1], preprocess([planes], RAW), atol=1e-4)


def test_nhwc_uint8_is_the_same_picture() -> None:
    planes = noise(40, 60)
    spec = Preprocess(32, 48, "squash", divisor=1.0, layout="nhwc", dtype="uint8")
    tensor = preprocess([planes], spec)
    assert tensor.shape == (1, 32, 48, 3)
    assert tensor.dtype == np.uint8
    assert tensor.flags.c_contiguous
    np.testing.assert_allclose(
        tensor[0].transpose(2, 0, 1), preprocess([planes], RAW)[0], atol=0.51
    )


def test_a_batch_may_mix_sizes_and_colorimetries() -> None:
    frames = [noise(40, 60), noise(33, 21, JPEG_COLORIMETRY), flat(9, 9, (90, 60, 70), HD)]
    together = preprocess(frames, RAW)
    for row, frame in zip(together, frames, strict=True):
        np.testing.assert_array_equal(row, preprocess([frame], RAW)[0])


def test_no_frames_no_rows() -> None:
    assert preprocess([], RAW).shape == (0, 3, 32, 48)
