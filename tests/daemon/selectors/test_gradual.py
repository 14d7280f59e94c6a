from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.selectors.gradual import Stretch
from gleancam.selectors.pooled import pooled
from gleancam.selectors.proposal import Moment, Proposal
from gleancam.selectors.relit import is_relit
from gleancam.thumbnail import luma_thumbnail
from gleancam_engines.planes import Float32Array
from made_views import dimmed, seen

STEP_NS = 40_000_000
ROOM, STREET = luma_thumbnail(seen(seed=1)), luma_thumbnail(seen(seed=2))
REST, LONG = 16, 20
Picture = Callable[[float], Float32Array]


def dissolve(share: float) -> Float32Array:
    return np.asarray((1 - share) * ROOM + share * STREET, np.float32)


def fade(level: float) -> Picture:
    def through(share: float) -> Float32Array:
        luma, left = (ROOM, 1 - 2 * share) if share < 0.5 else (STREET, 2 * share - 1)
        return np.asarray(level + left * (luma - level), np.float32)

    return through


def wipe(share: float) -> Float32Array:
    edge = round(share * ROOM.shape[1])
    return np.concatenate([STREET[:, :edge], ROOM[:, edge:]], axis=1)


def turned(share: float) -> Float32Array:
    return luma_thumbnail(seen(seed=1, right=share / 2 - 0.25))


def stretch(picture: Picture, distance: float = 0.8, length: int = LONG) -> Stretch:
    shares = [0.0] * REST + [step / (length + 1) for step in range(1, length + 1)] + [1.0] * REST
    rng = np.random.default_rng(1)
    rows = [pooled(picture(share)) for share in shares]
    noisy = np.stack(rows) + rng.normal(0, 0.3, (len(rows), rows[0].size))
    moments = [Moment(at * STEP_NS, at * STEP_NS) for at in range(len(rows))]
    return Stretch(moments, noisy.astype(np.float32), distance)


def found(one: Stretch) -> Proposal | None:
    return next(filter(None, (one.proposal(*way) for way in one.ways())), None)


@pytest.mark.parametrize("picture", [dissolve, fade(16), fade(235), wipe])
def test_a_gradual_change_is_found_and_dated(picture: Picture) -> None:
    proposal = found(stretch(picture))
    assert proposal is not None
    assert proposal.before.mono_ns < proposal.start.mono_ns < proposal.end.mono_ns
    assert abs(proposal.start.mono_ns / STEP_NS - REST) <= 3
    assert abs(proposal.end.mono_ns / STEP_NS - (REST + LONG - 1)) <= 3


@settings(max_examples=20)
@given(st.integers(6, 24))
def test_a_dissolve_is_dated_whatever_its_length(length: int) -> None:
    proposal = found(stretch(dissolve, length=length))
    assert proposal is not None
    assert abs(proposal.start.mono_ns / STEP_NS - REST) <= 1
    assert abs(proposal.end.mono_ns / STEP_NS - (REST + length - 1)) <= 1


@pytest.mark.parametrize("length", [0, 1])
def test_a_cut_is_not_gradual(length: int) -> None:
    assert found(stretch(dissolve, length=length)) is None


def test_a_turned_camera_is_no_mixture() -> None:
    assert found(stretch(turned)) is None


def test_one_that_still_goes_on_is_watched_and_not_yet_found() -> None:
    whole = stretch(dissolve)
    half = Stretch(whole.moments[:-REST], whole.rows[:-REST], whole.distance)
    assert half.ways()
    assert found(half) is None


def test_a_lamp_that_comes_up_slowly_is_not_gradual() -> None:
    lamp = np.linspace(0, 1, ROOM.shape[1], dtype=np.float32)
    assert found(stretch(lambda share: ROOM + share * lamp * (ROOM - 16), distance=0.45)) is None


def test_too_few_pictures_say_nothing() -> None:
    whole = stretch(dissolve)
    assert Stretch([], whole.rows[:0], 1.0).ways() == []


@pytest.mark.parametrize("gain", [0.3, 1.6, 4.0])
def test_another_light_explains_the_same_place(gain: float) -> None:
    lit = luma_thumbnail(dimmed(seen(seed=1), gain))
    assert is_relit(pooled(ROOM), pooled(lit))
    assert is_relit(pooled(lit), pooled(ROOM))


@pytest.mark.parametrize("seed", range(2, 12))
def test_light_does_not_explain_another_place(seed: int) -> None:
    assert not is_relit(pooled(ROOM), pooled(luma_thumbnail(seen(seed=seed))))
