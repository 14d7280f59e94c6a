from __future__ import annotations

import numpy as np
import pytest

from gleancam.health.sharpness import sharpness
from gleancam.thumbnail import THUMBNAIL_SHAPE
from made_views import blurred, dimmed, seen

EVERYWHERE = np.ones(THUMBNAIL_SHAPE, np.bool_)


def test_it_falls_with_blur_and_not_with_light() -> None:
    values = [sharpness(blurred(seen(), radius), EVERYWHERE) for radius in (0.3, 1, 2, 4)]
    known = [value for value in values if value is not None]
    assert len(known) == len(values)
    assert known == sorted(known, reverse=True)
    assert known[-1] < 0.2 * known[0]
    bright, dim = sharpness(seen(), EVERYWHERE), sharpness(dimmed(seen(), 0.4), EVERYWHERE)
    assert bright == pytest.approx(dim, rel=0.1)


def test_a_picture_without_edges_has_none() -> None:
    assert sharpness(np.full((90, 160), 80, np.uint8), EVERYWHERE) is None


def test_only_what_is_watched_counts() -> None:
    watched = EVERYWHERE.copy()
    watched[:, 32:] = False
    half = seen().copy()
    half[:, : half.shape[1] // 2 + 1] = blurred(half, 4)[:, : half.shape[1] // 2 + 1]
    whole = sharpness(blurred(seen(), 4), watched)
    assert sharpness(half, watched) == pytest.approx(whole, rel=0.2)


@pytest.mark.parametrize("shape", [(1, 1), (4, 300), (300, 4), (37, 65), (1080, 1920)])
def test_any_size_is_taken(shape: tuple[int, int]) -> None:
    y = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    value = sharpness(y, EVERYWHERE)
    assert value is None or value > 0
