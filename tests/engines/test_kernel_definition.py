"""The kernel against the definition: each plane through Pillow's exact filter, nothing rounded.

The frames are noise, where a tap too few, a border off by one, an axis with the other's scale or
chroma in the wrong place moves pixels by tens.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Colorimetry, Planes
from gleancam_engines.preprocess import preprocess
from kernel_on_cpu import on_cpu
from kernel_reference import by_definition
from made_planes import COLORIMETRIES, HD, flat, from_rgb, noise, scenery

Mode = Literal["squash", "crop", "letterbox"]
TOLERANCE = 0.03
"""Of 255, on noise: Pillow keeps the corners of a box in single precision."""
MODES: tuple[Mode, ...] = ("squash", "crop", "letterbox")
SIZES = [(1, 1), (2, 2), (3, 5), (5, 3), (1, 64), (64, 1), (64, 64), (359, 641), (641, 359)]


def assert_defined(planes: Planes, spec: Preprocess, atol: float = TOLERANCE) -> None:
    np.testing.assert_allclose(
        on_cpu([planes], spec)[0], by_definition(planes, spec), rtol=0, atol=atol
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES)
def test_odd_sizes_and_rotated_shapes(size: tuple[int, int], mode: Mode) -> None:
    assert_defined(noise(*size), Preprocess(45, 70, mode, divisor=1.0))


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (2160, 3840)])
@pytest.mark.parametrize(
    "spec",
    [
        Preprocess(224, 224, "crop", divisor=1.0),
        Preprocess(416, 416, "letterbox", divisor=1.0, resample="bilinear"),
    ],
    ids=["224", "416"],
)
def test_cameras(size: tuple[int, int], spec: Preprocess) -> None:
    assert_defined(noise(*size), spec)


@pytest.mark.parametrize("colorimetry", COLORIMETRIES)
@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_colours(colorimetry: Colorimetry, colour: Literal["rgb", "bgr"]) -> None:
    assert_defined(
        noise(90, 130, colorimetry), Preprocess(32, 48, "squash", divisor=1.0, colour=colour)
    )


@pytest.mark.parametrize("anchor", ["corner", "centre"])
@pytest.mark.parametrize("size", [(100, 31), (31, 100), (9, 10)])
def test_letterboxes(anchor: Literal["corner", "centre"], size: tuple[int, int]) -> None:
    assert_defined(noise(*size), Preprocess(64, 96, "letterbox", divisor=1.0, pad=7, anchor=anchor))


def test_normalised() -> None:
    spec = Preprocess(
        40, 40, "letterbox", colour="bgr", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
    )
    assert_defined(noise(90, 60), spec, atol=1e-4)


def test_far_from_the_corner() -> None:
    """Single precision would leave a thousandth of a sample for the position there."""
    assert_defined(noise(6, 7681), Preprocess(6, 7000, "squash", divisor=1.0), atol=0.002)


@settings(max_examples=60)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    tensor=st.tuples(st.integers(1, 120), st.integers(1, 120)),
    mode=st.sampled_from(MODES),
    resample=st.sampled_from(["bicubic", "bilinear"]),
    seed=st.integers(0, 99),
)
def test_any_size(
    size: tuple[int, int],
    tensor: tuple[int, int],
    mode: Mode,
    resample: Literal["bicubic", "bilinear"],
    seed: int,
) -> None:
    assert_defined(
        noise(*size, seed=seed), Preprocess(*tensor, mode, resample=resample, divisor=1.0)
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES)
def test_one_colour_stays_one_colour(size: tuple[int, int], mode: Mode) -> None:
    spec = Preprocess(20, 30, mode, divisor=1.0, pad=7)
    tensor = on_cpu([flat(*size, (126, 128, 128), HD)], spec)[0]
    inside = tensor != 7
    np.testing.assert_allclose(tensor[inside], (126 - 16) * 255 / 219, atol=1e-3)
    assert inside.all() == (mode != "letterbox" or size[0] * 30 == size[1] * 20)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (64, 64), (359, 641), (720, 1270)])
def test_two_implementations_agree(size: tuple[int, int], mode: Mode) -> None:
    """Up to reductions where the CPU averages first (four times and more along an axis)."""
    spec = Preprocess(256, 320, mode, divisor=1.0)
    planes = noise(*size)
    np.testing.assert_allclose(on_cpu([planes], spec), preprocess([planes], spec), atol=TOLERANCE)


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (2160, 3840)])
@pytest.mark.parametrize("side", [224, 416])
def test_two_implementations_agree_on_large_frames(size: tuple[int, int], side: int) -> None:
    """The CPU's averaging is another filter: near on pictures, though not on noise."""
    spec = Preprocess(side, side, "letterbox", divisor=1.0)
    planes = from_rgb(scenery(*size), HD)
    difference = np.abs(on_cpu([planes], spec) - preprocess([planes], spec))
    assert difference.mean() < 0.5
