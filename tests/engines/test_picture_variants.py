from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.detections import Detections
from gleancam_engines.picture_variants import variant
from gleancam_engines.planes import Planes
from made_planes import COLORIMETRIES, HD, from_rgb, noise, scenery

NAMES = ("none", "hflip", "gamma0.7", "gamma1.5")


def box(*corners: float) -> Detections:
    return Detections(
        np.array([corners], np.float32),
        np.array([0.5], np.float32),
        np.array([0], np.int32),
        ("thing",),
        "m@0",
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(1, 1), (5, 7), (48, 64)])
def test_a_variant_is_a_picture_of_the_same_size_and_leaves_the_original(
    name: str, size: tuple[int, int]
) -> None:
    planes = noise(*size).read_only()
    before = planes.y.copy()
    shown = variant(name).shown(planes)
    assert (shown.height, shown.width) == size
    assert shown.colorimetry == planes.colorimetry
    np.testing.assert_array_equal(planes.y, before)


def test_suffixes_are_part_of_member_ids() -> None:
    assert [variant(name).suffix for name in NAMES] == ["", "+hflip", "+gamma0.7", "+gamma1.5"]


@pytest.mark.parametrize("name", ["flip", "gamma", "gammax", "gamma0", "gamma-1", "gammainf", ""])
def test_what_is_no_variant_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"no variant|could not convert"):
        variant(name)


@given(st.integers(1, 4096), st.data())
def test_a_flip_and_back_is_where_it_was(width: int, data: st.DataObject) -> None:
    left, right = sorted(data.draw(st.integers(0, width)) for _ in range(2))
    flip = variant("hflip")
    there = flip.back(box(left, 1, right, 2), width)
    np.testing.assert_array_equal(there.xyxy, [[width - right, 1, width - left, 2]])
    np.testing.assert_array_equal(flip.back(there, width).xyxy, [[left, 1, right, 2]])


@pytest.mark.parametrize("size", [(6, 8), (7, 9)])
def test_what_is_flipped_twice_is_the_picture(size: tuple[int, int]) -> None:
    flip, planes = variant("hflip"), noise(*size)
    again = flip.shown(flip.shown(planes))
    for name in ("y", "u", "v"):
        np.testing.assert_array_equal(getattr(again, name), getattr(planes, name))
    np.testing.assert_array_equal(flip.shown(planes).y, planes.y[:, ::-1])


@pytest.mark.parametrize("colorimetry", COLORIMETRIES)
def test_gamma_brightens_or_darkens_within_the_range(colorimetry: object) -> None:
    planes = from_rgb(scenery(48, 64), HD)
    planes = Planes(planes.y, planes.u, planes.v, colorimetry)  # type: ignore[arg-type]
    brighter, darker = variant("gamma0.7").shown(planes), variant("gamma1.5").shown(planes)
    assert brighter.y.mean() > planes.y.mean() > darker.y.mean()
    np.testing.assert_array_equal(brighter.u, planes.u)
    low, high = (16, 235) if planes.colorimetry.range.value == "limited" else (0, 255)
    for shown in (brighter, darker):
        assert low <= shown.y.min() <= shown.y.max() <= high
        order = np.argsort(planes.y, axis=None, kind="stable")
        assert (np.diff(shown.y.ravel()[order].astype(int)) >= 0).all()


def test_black_and_white_stay_what_they_are() -> None:
    planes = from_rgb(np.repeat(np.array([0, 255], np.uint8), 24).reshape(4, 4, 3), HD)
    shown = variant("gamma0.5").shown(planes)
    np.testing.assert_array_equal(shown.y, planes.y)
