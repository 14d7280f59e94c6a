from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.manifest import Preprocess
from gleancam_engines.placement import place

Mode: TypeAlias = Literal["squash", "crop", "letterbox"]
Anchor: TypeAlias = Literal["corner", "centre"]

side = st.integers(1, 4000)
modes = st.sampled_from(["squash", "crop", "letterbox"])


@given(width=side, height=side, mode=modes, anchor=st.sampled_from(["corner", "centre"]))
def test_the_placed_box_comes_back_exactly(
    width: int, height: int, mode: Mode, anchor: Anchor
) -> None:
    placement = place(width, height, Preprocess(224, 416, mode, anchor=anchor))
    (x, y), (w, h) = placement.origin, placement.size
    back = placement.to_source(np.array([[x, y, x + w, y + h]], np.float32))
    np.testing.assert_allclose(back[0], placement.box, rtol=1e-5, atol=1e-3)


@given(
    width=side,
    height=side,
    mode=modes,
    anchor=st.sampled_from(["corner", "centre"]),
    share=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_any_box_comes_back_to_a_thousandth_of_a_pixel(
    width: int, height: int, mode: Mode, anchor: Anchor, share: tuple[float, ...]
) -> None:
    """Through float32, as a model gives its boxes."""
    placement = place(width, height, Preprocess(640, 416, mode, anchor=anchor))
    x1, y1, x2, y2 = placement.box
    box = np.array([x1, y1] * 2) + np.array([x2 - x1, y2 - y1] * 2) * share
    scale, start = np.array(placement.scale * 2), np.array(placement.box[:2] * 2)
    given_by_model = (box - start) * scale + np.array(placement.origin * 2)
    back = placement.to_source(given_by_model.astype(np.float32)[np.newaxis])
    np.testing.assert_allclose(back[0], box, rtol=0, atol=1e-3)


@given(width=side, height=side, mode=modes, anchor=st.sampled_from(["corner", "centre"]))
def test_stays_inside_both_pictures(width: int, height: int, mode: Mode, anchor: Anchor) -> None:
    placement = place(width, height, Preprocess(224, 416, mode, anchor=anchor))
    x1, y1, x2, y2 = placement.box
    assert 0 <= x1 < x2 <= width
    assert 0 <= y1 < y2 <= height
    assert placement.origin[0] + placement.size[0] <= 416
    assert placement.origin[1] + placement.size[1] <= 224


@pytest.mark.parametrize(
    ("anchor", "origin"),
    [("corner", (0, 0)), ("centre", (0, 91))],
)
def test_letterbox_keeps_the_shape(anchor: Anchor, origin: tuple[int, int]) -> None:
    placement = place(1280, 720, Preprocess(416, 416, "letterbox", anchor=anchor))
    assert placement.size == (416, 234)
    assert placement.origin == origin
    assert placement.scale == (416 / 1280, 234 / 720)


def test_crop_takes_the_centre() -> None:
    placement = place(640, 480, Preprocess(240, 240, "crop"))
    assert placement.box == (80, 0, 560, 480)


@given(width=st.integers(224, 4000), height=st.integers(224, 4000))
def test_crop_is_that_of_torchvision(width: int, height: int) -> None:
    """Resize(224) cuts the longer side to whole pixels, CenterCrop(224) rounds where it begins."""
    short, long = min(width, height), max(width, height)
    resized = int(224 * long / short)
    start = round((resized - 224) / 2.0)
    placement = place(width, height, Preprocess(224, 224, "crop"))
    along = slice(0, 3, 2) if width > height else slice(1, 4, 2)
    np.testing.assert_allclose(
        placement.box[along], [start * long / resized, (start + 224) * long / resized], atol=1e-6
    )
