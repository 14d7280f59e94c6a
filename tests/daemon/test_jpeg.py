from __future__ import annotations

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam import jpeg
from gleancam_engines.planes import JPEG_COLORIMETRY, Colorimetry, Matrix, Planes, Range

COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 200, 60),
    "blue": (40, 60, 210),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "skin": (224, 172, 105),
}
ALL = [Colorimetry(matrix, scale) for matrix in Matrix for scale in Range]


def flat(rgb: tuple[int, int, int], colorimetry: Colorimetry, height: int, width: int) -> Planes:
    """One colour, by the formulae of ITU-R BT.601 and BT.709, written out here once more."""
    kr, kb = colorimetry.matrix.value
    r, g, b = (value / 255 for value in rgb)
    y = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))
    if colorimetry.range is Range.LIMITED:
        values = (16 + 219 * y, 128 + 224 * cb, 128 + 224 * cr)
    else:
        values = (255 * y, 128 + 255 * cb, 128 + 255 * cr)
    luma, u, v = (np.uint8(np.clip(round(value), 0, 255)) for value in values)
    chroma = ((height + 1) // 2, (width + 1) // 2)
    return Planes(
        np.full((height, width), luma), np.full(chroma, u), np.full(chroma, v), colorimetry
    )


def noise(height: int, width: int, seed: int = 0) -> Planes:
    rng = np.random.default_rng(seed)
    chroma = ((height + 1) // 2, (width + 1) // 2)
    shapes = ((height, width), chroma, chroma)
    y, u, v = (rng.integers(0, 256, shape, np.uint8) for shape in shapes)
    return Planes(y, u, v, JPEG_COLORIMETRY)


@pytest.mark.parametrize("colorimetry", ALL, ids=str)
@pytest.mark.parametrize("name", COLOURS)
def test_colours_come_out_as_they_went_in(name: str, colorimetry: Colorimetry) -> None:
    image = jpeg.encode(flat(COLOURS[name], colorimetry, 36, 50), 90)
    decoded = simplejpeg.decode_jpeg(image.jpeg, "RGB").astype(int)
    assert np.abs(decoded - COLOURS[name]).max() <= 5


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 67), st.integers(1, 67))
def test_any_size(height: int, width: int) -> None:
    image = jpeg.encode(noise(height, width).read_only(), 85)
    assert simplejpeg.decode_jpeg_header(image.jpeg)[:2] == (height, width)
    assert (image.width, image.height, image.quality) == (width, height, 85)


def test_is_made_smaller_keeping_its_shape() -> None:
    image = jpeg.encode(noise(101, 203), 85, longest_side=64)
    assert (image.width, image.height) == (64, 32)
    assert simplejpeg.decode_jpeg_header(image.jpeg)[:2] == (32, 64)


def test_is_not_made_larger() -> None:
    assert jpeg.encode(noise(20, 30), 85, longest_side=64).width == 30


def test_fits_with_the_best_quality_that_fits() -> None:
    planes = noise(200, 320)
    sizes = {quality: len(jpeg.encode(planes, quality).jpeg) for quality in jpeg.QUALITIES}
    for quality, size in sizes.items():
        fitted = jpeg.fit(planes, size, 85)
        assert fitted is not None
        assert (fitted.quality, fitted.width) == (quality, 320)
    assert jpeg.fit(planes, sizes[60] - 1, 85) is None, "it is below 1280 already"


def test_then_makes_it_smaller_and_records_both() -> None:
    planes = noise(1000, 2000)
    full, middle = (len(jpeg.encode(planes, 60, side).jpeg) for side in (None, 1920))
    fitted = jpeg.fit(planes, full - 1, 85)
    assert fitted is not None
    assert (fitted.quality, fitted.width, fitted.height) == (60, 1920, 960)
    fitted = jpeg.fit(planes, middle - 1, 85)
    assert fitted is not None
    assert (fitted.quality, fitted.width, fitted.height) == (60, 1280, 640)
    assert jpeg.fit(planes, 1000, 85) is None
    assert jpeg.smallest(planes, 85) == fitted


def test_a_policy_of_size_comes_first_and_is_recorded() -> None:
    planes = noise(100, 200)
    wanted = jpeg.best(planes, 10**6, 70, 50)
    assert (wanted.quality, wanted.width, wanted.height) == (70, 50, 25)
    assert simplejpeg.decode_jpeg_header(wanted.jpeg)[:2] == (25, 50)
    assert jpeg.best(planes, 10**6, 70) == jpeg.encode(planes, 70)
    assert jpeg.best(planes, 10, 70, 50).quality == 60, "nothing fits: the smallest there is"


def test_a_low_quality_is_never_raised() -> None:
    planes = noise(60, 80)
    assert jpeg.fit(planes, 10, 40) is None
    assert jpeg.smallest(planes, 40).quality == 40


def test_refitting_goes_down_until_there_is_nothing_below() -> None:
    image = jpeg.encode(noise(1000, 2000), 85)
    seen = []
    while (smaller := jpeg.refit(image, len(image.jpeg) - 1)) is not None:
        assert len(smaller.jpeg) < len(image.jpeg)
        assert simplejpeg.decode_jpeg_header(smaller.jpeg)[:2] == (smaller.height, smaller.width)
        seen.append((smaller.quality, smaller.width))
        image = smaller
    assert seen == [(77, 2000), (68, 2000), (60, 2000), (60, 1920), (60, 1280)]


def test_a_damaged_image_is_an_error() -> None:
    from dataclasses import replace

    image = jpeg.encode(noise(40, 40), 85)
    with pytest.raises(ValueError, match=r".+"):
        jpeg.refit(replace(image, jpeg=image.jpeg[:100]), 10)
