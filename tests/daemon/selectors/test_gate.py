from __future__ import annotations

import numpy as np
import pytest

from gleancam.config.selection_keys import Gate
from gleancam.selectors.gate import ChangeGate
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array
from made_frames import SECOND_NS, picture, thumbnail

EVERYWHERE = np.ones(THUMBNAIL_SHAPE, bool)
BASE = picture(1)


def gate(*, enabled: bool = True) -> ChangeGate:
    settings = Gate(enabled=enabled, min_difference=1.0, max_gap_s=10.0)
    return ChangeGate(settings, EVERYWHERE)


def show(one: ChangeGate, luma: Float32Array, at_s: float) -> bool:
    """Show a frame, and embed it when it passes."""
    seen: Thumbnail = thumbnail(luma, round(at_s * SECOND_NS))
    passes = one.passes(seen)
    if passes:
        one.embedded(seen)
    return passes


def with_patch(luma: Float32Array, levels: float) -> Float32Array:
    changed: Float32Array = luma.copy()
    changed[10:20, 20:40] += np.float32(levels)
    return changed


def test_the_first_frame_passes_and_the_same_again_does_not() -> None:
    one = gate()
    assert show(one, BASE, 0)
    assert not show(one, BASE, 1)


def test_a_part_that_changes_passes() -> None:
    one = gate()
    show(one, BASE, 0)
    assert show(one, with_patch(BASE, 40), 1)


@pytest.mark.parametrize("gain", [0.6, 0.9, 1.2])
def test_a_change_of_gain_alone_does_not_pass(gain: float) -> None:
    one = gate()
    show(one, BASE, 0)
    assert not show(one, BASE * np.float32(gain), 1)


def test_a_fade_to_black_passes() -> None:
    one = gate()
    show(one, BASE, 0)
    assert show(one, BASE * np.float32(0.05), 1)


def test_noise_of_a_black_picture_is_not_amplified() -> None:
    one, rng = gate(), np.random.default_rng(0)
    dark = [16 + rng.normal(0, 0.3, THUMBNAIL_SHAPE).astype(np.float32) for _ in range(9)]
    show(one, dark[0], 0)
    assert not any(show(one, luma, 1 + index) for index, luma in enumerate(dark[1:]))


def test_a_slow_drift_adds_up_until_it_passes() -> None:
    one = gate()
    show(one, BASE, 0)
    passed = [show(one, with_patch(BASE, step), step / 10) for step in range(1, 40)]
    assert not passed[0]
    assert any(passed)


def test_the_longest_gap_is_measured_on_the_frames_own_clock() -> None:
    one = gate()
    show(one, BASE, 100)
    assert not show(one, BASE, 109.9)
    assert show(one, BASE, 110)


def test_ignored_cells_are_not_looked_at() -> None:
    watched = EVERYWHERE.copy()
    watched[8:22, 18:42] = False
    one = ChangeGate(Gate(), watched)
    show(one, BASE, 0)
    assert not show(one, with_patch(BASE, 100), 1)


def test_a_noisy_sensor_raises_the_threshold_only_so_far() -> None:
    one, rng = gate(), np.random.default_rng(0)
    for index in range(200):
        show(one, BASE + rng.normal(0, 6, THUMBNAIL_SHAPE).astype(np.float32), index / 25)
    assert one.threshold == pytest.approx(2.0)


def test_noise_just_above_the_least_difference_is_learnt() -> None:
    one, rng = gate(), np.random.default_rng(0)
    noisy = [BASE + rng.normal(0, 0.95, THUMBNAIL_SHAPE).astype(np.float32) for _ in range(300)]
    passed = [show(one, luma, index / 25) for index, luma in enumerate(noisy)]
    assert sum(passed[:50]) > 10
    assert sum(passed[100:]) <= 1


def test_a_gate_that_is_off_lets_everything_pass() -> None:
    one = gate(enabled=False)
    assert all(show(one, BASE, at_s) for at_s in range(5))
