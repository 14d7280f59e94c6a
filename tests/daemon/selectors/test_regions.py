"""Where something small has changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.selection_keys import Regions
from gleancam.selectors.background import Background
from gleancam.selectors.components import components
from gleancam.selectors.regions import RegionFinder
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam.types import Box
from gleancam_engines.planes import Float32Array
from made_frames import SECOND_NS, picture, thumbnail

EVERYWHERE = np.ones(THUMBNAIL_SHAPE, np.bool_)
WIDE = 16 / 9


def with_person(luma: Float32Array, row: int, column: int) -> Float32Array:
    shown: Float32Array = luma.copy()
    shown[row : row + 4, column : column + 2] += 40
    return shown


def finder(settings: Regions | None = None, seconds: int = 10) -> RegionFinder:
    """One that has looked at an empty scene for so long."""
    found = RegionFinder(settings or Regions(), EVERYWHERE)
    for second in range(seconds):
        found.look(thumbnail(picture(0), second * SECOND_NS))
    return found


def found_at(one: RegionFinder, luma: Float32Array, second: float = 10) -> list[Box]:
    shown = thumbnail(luma, round(second * SECOND_NS))
    one.look(shown)
    return one.find(shown, WIDE)


def test_a_person_is_a_square_with_context_and_an_empty_scene_has_none() -> None:
    (box,) = found_at(finder(), with_person(picture(0), 20, 30))
    x1, y1, x2, y2 = box
    assert x1 < 30 / 64 < 32 / 64 < x2
    assert y1 < 20 / 36 < 24 / 36 < y2
    assert (x2 - x1) * WIDE == pytest.approx(y2 - y1)
    assert found_at(finder(), picture(0)) == []


def test_two_people_are_two_regions_the_most_changed_first() -> None:
    shown = with_person(picture(0), 4, 10)
    shown[24:30, 50:53] += 60
    first, second = found_at(finder(), shown)
    assert first[0] > 0.5 > second[0]


def test_regions_are_looked_for_now_and_then_and_at_most_so_many() -> None:
    one = finder(Regions(most=1))
    shown = with_person(with_person(picture(0), 4, 10), 24, 50)
    assert len(found_at(one, shown, 10)) == 1
    assert found_at(one, shown, 10.5) == []
    assert len(found_at(one, shown, 11)) == 1


def test_a_short_look_at_a_place_tells_nothing() -> None:
    assert found_at(finder(seconds=2), with_person(picture(0), 20, 30), 2) == []
    one = finder()
    one.reset()
    assert found_at(one, with_person(picture(0), 20, 30)) == []


def test_what_is_large_or_everywhere_is_no_region() -> None:
    large = picture(0)
    large[5:30, 10:40] += 40
    assert found_at(finder(), large) == []
    assert found_at(finder(), picture(1)) == []


def test_a_change_of_exposure_is_no_region() -> None:
    assert found_at(finder(), 0.8 * picture(0)) == []


def test_what_is_not_watched_is_no_region() -> None:
    watched = EVERYWHERE.copy()
    watched[:, 28:34] = False
    one = RegionFinder(Regions(), watched)
    for second in range(10):
        one.look(thumbnail(picture(0), second * SECOND_NS))
    assert found_at(one, with_person(picture(0), 20, 30)) == []


def test_when_switched_off_nothing_is_found() -> None:
    assert found_at(finder(Regions(enabled=False)), with_person(picture(0), 20, 30)) == []


def test_what_parks_becomes_background_and_what_passes_does_not() -> None:
    background = Background(EVERYWHERE)
    parked = with_person(picture(0), 20, 30)
    for second in range(60):
        background.look(thumbnail(picture(0), second * SECOND_NS))
    background.look(thumbnail(parked, 60 * SECOND_NS))
    assert background.difference(thumbnail(parked, 60 * SECOND_NS)).max() > 30
    for second in range(61, 130):
        background.look(thumbnail(parked, second * SECOND_NS))
    assert background.difference(thumbnail(parked, 130 * SECOND_NS)).max() < 1


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_components_are_what_a_flood_fill_finds(seed: int, share: float) -> None:
    grid = np.random.default_rng(seed).random((9, 13)) < share
    labels = components(grid)
    assert ((labels > 0) == grid).all()
    assert len(np.unique(labels[grid])) == flooded(grid)
    for row, column in zip(*np.nonzero(grid), strict=True):
        near = labels[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        assert set(np.unique(near)) <= {0, labels[row, column]}


def flooded(grid: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(grid), strict=True)}
    parts = 0
    while left:
        parts += 1
        waiting = [left.pop()]
        while waiting:
            row, column = waiting.pop()
            near = {(row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            waiting += near
    return parts


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.3, 4.0),
    st.lists(st.tuples(st.integers(0, 31), st.integers(0, 61)), max_size=6),
)
def test_every_box_lies_within_the_frame(
    seed: int, aspect: float, people: list[tuple[int, int]]
) -> None:
    shown = picture(seed % 7)
    one = RegionFinder(Regions(), EVERYWHERE)
    for second in range(6):
        one.look(thumbnail(shown, second * SECOND_NS))
    for row, column in people:
        shown = with_person(shown, row, column)
    for x1, y1, x2, y2 in one.find(thumbnail(shown, 6 * SECOND_NS), aspect):
        assert 0 <= x1 < x2 <= 1 + 1e-9
        assert 0 <= y1 < y2 <= 1 + 1e-9
