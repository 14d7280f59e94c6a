from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.selectors.displacement import (
    FOUND,
    Target,
    gradients,
    is_displaced,
    similarity,
)
from gleancam.thumbnail import THUMBNAIL_SHAPE, luma_thumbnail
from gleancam_engines.planes import Float32Array
from made_views import dimmed, seen

EVERYWHERE = np.ones(THUMBNAIL_SHAPE, np.bool_)


def field(luma: Float32Array) -> Target:
    return Target(gradients(luma, EVERYWHERE))


@settings(max_examples=25)
@given(st.integers(-16, 16), st.integers(-8, 8))
def test_a_shift_by_whole_cells_is_found_exactly(right: int, down: int) -> None:
    before = luma_thumbnail(seen())
    after = luma_thumbnail(seen(right=right / 64, down=down / 36))
    fit = field(after).shifted_fit(gradients(before, EVERYWHERE))
    assert fit.shift == pytest.approx(np.hypot(right, down))
    assert fit.similarity > 0.9


@pytest.mark.parametrize("turn_deg", [-10.0, 6.0])
@pytest.mark.parametrize("zoom", [0.85, 1.0, 1.2])
def test_a_turn_with_a_zoom_is_found(turn_deg: float, zoom: float) -> None:
    after = luma_thumbnail(seen(turn_deg=turn_deg, zoom=zoom))
    fit = field(after).turned_fit(luma_thumbnail(seen()), EVERYWHERE)
    assert fit.similarity > FOUND
    assert abs(fit.turn_deg) == pytest.approx(abs(turn_deg), abs=3)
    assert fit.zoom == pytest.approx(zoom, rel=0.08)


@pytest.mark.parametrize("seed", range(1, 6))
def test_different_places_are_not_one_displaced(seed: int) -> None:
    assert not is_displaced(luma_thumbnail(seen()), luma_thumbnail(seen(seed=seed)))


def test_dim_light_changes_no_gradients() -> None:
    bright, dim = luma_thumbnail(seen()), luma_thumbnail(dimmed(seen(), 0.3))
    assert similarity(gradients(bright, EVERYWHERE), gradients(dim, EVERYWHERE)) > 0.99


def test_what_is_not_watched_has_no_gradient() -> None:
    watched = EVERYWHERE.copy()
    watched[:, :32] = False
    assert not gradients(luma_thumbnail(seen()), watched)[:, :33].any()


def test_flat_pictures_are_like_nothing() -> None:
    flat = np.full(THUMBNAIL_SHAPE, 80, np.float32)
    assert similarity(gradients(flat, EVERYWHERE), gradients(flat, EVERYWHERE)) == 0
    assert not is_displaced(flat, luma_thumbnail(seen()))
