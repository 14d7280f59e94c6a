from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from gleancam.config.selection_keys import Scene
from gleancam.selectors.scene import SceneDetector
from gleancam.types import EmbeddedFrame, SceneChange
from gleancam_engines.planes import Float32Array
from made_frames import SECOND_NS, apart, frame, ids, picture, thumbnail

FPS = 25.0
ROOM, STREET = picture(1), picture(2)
BLACK = np.full_like(ROOM, 16)


def embedding_of(luma: Float32Array) -> Float32Array:
    """What a good embedder does: the place counts, the light does not."""
    far = abs(np.corrcoef(luma.ravel(), STREET.ravel())[0, 1]) if luma.std() else 0.5
    return apart(0.8 * far)


@dataclass
class Film:
    """Thumbnails at `fps`, of which every `every`th belongs to an embedded frame."""

    lumas: Sequence[Float32Array]
    fps: float = FPS
    every: int = 1
    pause_s: dict[int, float] = field(default_factory=dict)

    def play(self, detector: SceneDetector) -> list[tuple[int, int, str]]:
        changes: list[SceneChange] = []
        times: list[int] = []
        now_ns = 0
        for index, luma in enumerate(self.lumas):
            now_ns += round((1 / self.fps + self.pause_s.get(index, 0.0)) * SECOND_NS)
            times.append(now_ns)
            detector.look(thumbnail(luma, now_ns))
            if index % self.every == 0:
                shown = frame(luma, now_ns)
                changes += detector.confirm(EmbeddedFrame(shown, embedding_of(luma), "space"))
        return [
            (times.index(one.started_ns), times.index(one.ended_ns), one.kind) for one in changes
        ]


def detector() -> SceneDetector:
    return SceneDetector(Scene(), "gate", ids())


def noisy(lumas: Sequence[Float32Array], sigma: float = 0.5) -> list[Float32Array]:
    rng = np.random.default_rng(3)
    return [luma + rng.normal(0, sigma, luma.shape).astype(np.float32) for luma in lumas]


def blend(share: float) -> Float32Array:
    return np.asarray((1 - share) * ROOM + share * STREET, np.float32)


def lit(luma: Float32Array, share: float) -> Float32Array:
    return np.asarray(16 + share * (luma - 16), np.float32)


def test_a_cut_is_dated_at_the_first_frame_of_the_new_scene() -> None:
    film = Film(noisy([ROOM] * 20 + [STREET] * 20))
    assert film.play(detector()) == [(20, 20, "cut")]


def test_a_cut_gives_the_new_scene_an_id() -> None:
    one = detector()
    before = one.scene_id
    Film([ROOM] * 20 + [STREET] * 20).play(one)
    assert one.scene_id != before


@pytest.mark.parametrize("gain", [0.4, 0.7, 1.25])
def test_a_step_of_the_light_is_no_change(gain: float) -> None:
    film = Film(noisy([ROOM] * 20 + [lit(ROOM, gain)] * 30))
    assert film.play(detector()) == []


def test_a_lamp_on_one_side_is_no_change() -> None:
    lamp = np.linspace(1.0, 2.0, ROOM.shape[1], dtype=np.float32) * ROOM
    assert Film(noisy([ROOM] * 20 + [lamp] * 30)).play(detector()) == []


def test_a_flash_is_no_change() -> None:
    flash = np.minimum(255, ROOM * 3)
    assert Film(noisy([ROOM] * 20 + [flash] * 2 + [ROOM] * 20)).play(detector()) == []


def test_darkness_for_a_second_is_no_change() -> None:
    film = Film(noisy([ROOM] * 20 + [BLACK] * 25 + [ROOM] * 20, sigma=0.2))
    assert film.play(detector()) == []


def test_another_place_after_darkness_is_a_cut_dated_where_the_old_one_ended() -> None:
    film = Film(noisy([ROOM] * 20 + [BLACK] * 25 + [STREET] * 20, sigma=0.2))
    assert film.play(detector()) == [(20, 20, "cut")]


def test_a_fade_through_black_is_gradual_from_the_first_darker_frame() -> None:
    down = [lit(ROOM, 1 - step / 10) for step in range(1, 11)]
    up = [lit(STREET, step / 10) for step in range(1, 11)]
    ((start, end, kind),) = Film([ROOM] * 20 + down + up + [STREET] * 20).play(detector())
    assert kind == "gradual"
    assert abs(start - 20) <= 1
    assert abs(end - 39) <= 1


def test_fading_out_and_in_again_is_no_change() -> None:
    down = [lit(ROOM, 1 - step / 10) for step in range(1, 11)]
    assert Film([ROOM] * 20 + down + down[::-1] + [ROOM] * 20).play(detector()) == []


def test_a_stream_that_begins_dark_has_no_scene_to_change_from() -> None:
    assert Film([BLACK] * 20 + [ROOM] * 20).play(detector()) == []


@pytest.mark.parametrize("length", [6, 12, 20, 30])
def test_a_dissolve_is_gradual_and_dated_at_both_ends(length: int) -> None:
    mixed = [blend(step / (length + 1)) for step in range(1, length + 1)]
    film = Film(noisy([ROOM] * 60 + mixed + [STREET] * 60))
    ((start, end, kind),) = film.play(detector())
    assert kind == "gradual"
    assert abs(start - 60) <= 2
    assert abs(end - (59 + length)) <= 2


def test_a_drift_of_exposure_is_no_change() -> None:
    film = Film(noisy([lit(ROOM, 1 - step / 200) for step in range(120)]))
    assert film.play(detector()) == []


def test_somebody_walking_through_is_no_change() -> None:
    frames = []
    for step in range(60):
        luma = ROOM.copy()
        luma[8:30, step : step + 14] = 220
        frames.append(luma)
    assert Film(noisy([ROOM] * 20 + frames + [ROOM] * 20)).play(detector()) == []


def test_sparse_frames_are_enough_and_thumbnails_date_the_cut() -> None:
    film = Film([ROOM] * 130 + [STREET] * 130, every=25)
    assert film.play(detector()) == [(130, 130, "cut")]


def test_an_open_proposal_asks_for_frames() -> None:
    one = detector()
    Film([ROOM] * 20).play(one)
    assert not one.open
    one.look(thumbnail(STREET, 21 * SECOND_NS // 25))
    assert one.open


def test_a_gap_in_the_stream_is_told_as_a_discontinuity() -> None:
    one = detector()
    before = one.scene_id
    film = Film([ROOM] * 20 + [STREET] * 20, pause_s={20: 30.0})
    assert film.play(one) == [(20, 20, "discontinuity")]
    assert one.scene_id != before


def test_two_cuts_give_two_scenes() -> None:
    film = Film(noisy([ROOM] * 20 + [STREET] * 12 + [ROOM] * 20))
    assert film.play(detector()) == [(20, 20, "cut"), (32, 32, "cut")]
