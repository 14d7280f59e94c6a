"""Each condition begins and ends, and nothing else does: on a made place, at several rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from gleancam.config.keys import Polygon
from gleancam_engines.planes import UInt8Array
from made_views import CAMERA, SIZE, Camera, blurred, dimmed, seen

BEFORE_S, AFTER_S, SOON_S = 10, 4, 2
GREY = np.full(SIZE, 70, np.uint8)
WHITE = np.full(SIZE, 250, np.uint8)
RATES = pytest.mark.parametrize("fps", [1, 3])

CHANGES = {
    "dark": dimmed(seen(), 0.02),
    "overexposed": WHITE,
    "covered": GREY,
    "blurred": blurred(seen(), 3),
}
KNOCKS = {
    "right": seen(right=0.08),
    "far": seen(right=-0.2),
    "up": seen(down=-0.12, right=0.03),
    "turned": seen(turn_deg=8),
    "nearer": seen(zoom=1.2),
    "all": seen(right=0.06, down=0.04, turn_deg=-5, zoom=1.06),
}


def with_person(y: UInt8Array) -> UInt8Array:
    shown: UInt8Array = y.copy()
    shown[40:, 120:180] = 35
    shown[60:90, 135:165] = 190
    return shown


HARMLESS: dict[str, Callable[[UInt8Array], UInt8Array]] = {
    "a person": with_person,
    "half the light": lambda y: dimmed(y, 0.5),
    "a fifth of the light": lambda y: dimmed(y, 0.2),
    "more light": lambda y: dimmed(y, 1.3),
    "a lamp at one side": lambda y: dimmed(y, np.linspace(0.5, 1.3, SIZE[1])),
    "a shake of a pixel": lambda y: np.concatenate([y[:, 1:], y[:, :1]], axis=1),
}


@RATES
@pytest.mark.parametrize("condition", CHANGES)
def test_a_condition_begins_soon_alone_and_ends_soon(condition: str, fps: float) -> None:
    camera = Camera(fps)
    assert camera.shows(seen(), BEFORE_S) == []
    assert camera.shows(CHANGES[condition], SOON_S) == [condition]
    assert camera.shows(CHANGES[condition], AFTER_S) == [condition]
    assert camera.shows(seen(), SOON_S) == []


@RATES
@pytest.mark.parametrize("knock", KNOCKS)
def test_a_knocked_camera_is_moved_until_it_is_put_back(knock: str, fps: float) -> None:
    camera = Camera(fps)
    camera.shows(seen(), BEFORE_S)
    assert camera.shows(KNOCKS[knock], SOON_S) == ["moved"]
    assert camera.shows(KNOCKS[knock], 10) == ["moved"]
    assert camera.shows(seen(), SOON_S) == []


@RATES
@pytest.mark.parametrize("change", HARMLESS)
def test_what_happens_before_a_camera_is_no_condition(change: str, fps: float) -> None:
    camera = Camera(fps)
    camera.shows(seen(), BEFORE_S)
    assert camera.shows(HARMLESS[change](seen()), 35) == []
    assert camera.shows(seen(), AFTER_S) == []


@RATES
def test_a_second_of_darkness_is_told(fps: float) -> None:
    camera = Camera(fps)
    camera.shows(seen(), BEFORE_S)
    assert camera.shows(CHANGES["dark"], 1) == ["dark"]


@RATES
def test_a_picture_that_stands_still_is_frozen_after_five_seconds(fps: float) -> None:
    camera = Camera(fps)
    camera.shows(seen(), BEFORE_S)
    assert camera.shows(seen(), 4, frozen=True) == []
    assert camera.shows(seen(), 3, frozen=True) == ["frozen"]
    assert camera.shows(seen(), 1) == []


def test_where_pictures_often_stand_still_it_takes_a_minute() -> None:
    camera = Camera(5)
    for _ in range(6):
        camera.shows(seen(), 1)
        assert camera.shows(seen(), 4, frozen=True) == []
    assert camera.shows(seen(), 30, frozen=True) == []
    assert camera.shows(seen(), 40, frozen=True) == ["frozen"]


def test_several_conditions_hold_at_once_in_their_order() -> None:
    camera = Camera(5)
    camera.shows(seen(), BEFORE_S)
    soft = blurred(KNOCKS["right"], 3)
    assert camera.shows(soft, SOON_S) == ["blurred", "moved"]
    assert camera.shows(soft, 7, frozen=True) == ["frozen", "blurred", "moved"]


def test_another_place_is_moved_only_when_it_stays() -> None:
    camera = Camera(1)
    camera.shows(seen(), BEFORE_S)
    for seed in range(1, 5):
        assert camera.shows(seen(seed=seed), 10) == []
    assert camera.shows(seen(seed=1), 25) == []
    assert camera.shows(seen(seed=1), 10) == ["moved"]


def test_after_an_hour_another_view_is_the_usual_one() -> None:
    camera = Camera(0.1)
    camera.shows(seen(), 100)
    assert camera.shows(KNOCKS["right"], 3500) == ["moved"]
    assert camera.shows(KNOCKS["right"], 300) == []
    assert camera.shows(seen(), 30) == ["moved"]


def test_a_soft_camera_is_not_blurred() -> None:
    soft = blurred(seen(), 3)
    assert Camera(2).shows(soft, 60) == []


def test_a_mask_neither_darkens_nor_sharpens() -> None:
    left = ((0.0, 0.0), (0.6, 0.0), (0.6, 1.0), (0.0, 1.0))
    masked = seen().copy()
    masked[:, : int(SIZE[1] * 0.6)] = 16
    soft = blurred(seen(), 3)
    soft = np.where(np.arange(SIZE[1]) < int(SIZE[1] * 0.6), np.uint8(16), soft)
    camera = Camera(2, replace(CAMERA, mask=(Polygon(name="left", polygon=left),)))
    assert camera.shows(masked, BEFORE_S) == []
    assert camera.shows(soft, AFTER_S) == ["blurred"]


def test_a_camera_of_which_everything_is_ignored_is_looked_at_all_the_same() -> None:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    camera = Camera(2, replace(CAMERA, ignore=(Polygon(name="all", polygon=whole),)))
    camera.shows(seen(), BEFORE_S)
    assert camera.shows(CHANGES["dark"], SOON_S) == ["dark"]
