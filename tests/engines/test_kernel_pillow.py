"""The kernel against the usual way: RGB at full size, rounded to 8 bits, then Pillow.

Both see the same planes. What is left between them is that rounding (a mean of about 0.3), and
chroma: the usual way enlarges it by linear interpolation first, which blurs it. On saturated edges
a pixel wide that shows, the more the less a picture is reduced; grey pictures have none of it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import JPEG_COLORIMETRY, Colorimetry, Planes
from kernel_on_cpu import on_cpu
from kernel_reference import Array, through_rgb, through_unrounded_rgb
from made_planes import COLORIMETRIES, HD, from_rgb, scenery

CROP = Preprocess(224, 224, "crop", divisor=1.0)
SIZES = [(64, 64), (65, 63), (359, 641), (641, 359), (720, 1280), (1279, 721), (2160, 3840)]


def soft_scenery(height: int, width: int) -> Array:
    """A picture as sharp as a camera's chroma is."""
    return np.asarray(cv2.GaussianBlur(scenery(height, width), (0, 0), 3), np.float32)


def mean_difference(planes: Planes, spec: Preprocess) -> float:
    return float(np.abs(on_cpu([planes], spec)[0] - through_rgb(planes, spec)).mean())


@pytest.mark.parametrize("colorimetry", COLORIMETRIES)
@pytest.mark.parametrize("size", SIZES[2:])
def test_colours(size: tuple[int, int], colorimetry: Colorimetry) -> None:
    assert mean_difference(from_rgb(soft_scenery(*size), colorimetry), CROP) <= 0.5


@pytest.mark.parametrize("mode", ["squash", "letterbox"])
@pytest.mark.parametrize("size", SIZES[2:])
def test_modes(size: tuple[int, int], mode: str) -> None:
    spec = Preprocess(224, 224, "squash" if mode == "squash" else "letterbox", divisor=1.0)
    assert mean_difference(from_rgb(soft_scenery(*size), HD), spec) <= 0.5


@pytest.mark.parametrize("size", SIZES)
def test_sharp_grey(size: tuple[int, int]) -> None:
    grey = scenery(*size).mean(axis=2, keepdims=True).repeat(3, axis=2)
    assert mean_difference(from_rgb(grey, JPEG_COLORIMETRY), CROP) <= 0.5


@pytest.mark.parametrize("size", SIZES[:2])
def test_enlarged_colours(size: tuple[int, int]) -> None:
    assert mean_difference(from_rgb(soft_scenery(*size), HD), CROP) <= 1


@pytest.mark.evaluation
def test_photographs_before_rounding(evaluation_data: Path) -> None:
    """Photographs of 640 pixels are reduced twice: here chroma differs most."""
    photographs = sorted((evaluation_data / "images" / "coco_val2017_76").glob("*.jpg"))[::4]
    assert len(photographs) == 19
    means = []
    for path in photographs:
        bgr = cv2.imread(str(path))
        assert bgr is not None, path
        planes = from_rgb(bgr[..., ::-1], HD)
        theirs = through_unrounded_rgb(planes, CROP)
        means.append(np.abs(on_cpu([planes], CROP)[0] - theirs).mean())
    assert np.mean(means) <= 0.6
