"""A knocked camera is `moved`, a second without light is `dark`, and neither is a scene change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.test_health import CHANGES, FIXED, changed, same, scaled
from gleancam.config.keys import Config, FileCamera
from gleancam.replay import Replay, Report
from gleancam.sources.video import VideoFrame
from gleancam_engines.embedder import Embedder, open_embedder

pytestmark = [pytest.mark.evaluation, pytest.mark.models, pytest.mark.timeout(300)]

ROOM, FPS = FIXED[2], 5.0
DARK_FROM_S, DARK_UNTIL_S = 4.0, 5.0
KNOCKS = [name for name, (condition, *_) in CHANGES.items() if condition == "moved"]


@pytest.fixture(scope="module")
def embedder(models_directory: Path) -> Iterator[Embedder]:
    one = open_embedder(models_directory / "tiny-vit-5m")
    yield one
    one.close()


def report(frames: Iterator[VideoFrame], embedder: Embedder) -> Report:
    camera = FileCamera(id="video", path="x")
    config = Config(site="s", device="d", cameras=(camera,))
    replay = Replay(config, camera, embedder.embed, embedder.space_id, FPS)
    return replay.run(frames, lambda _: None)


@pytest.mark.parametrize("video", [ROOM, FIXED[0], FIXED[6]])
@pytest.mark.parametrize("knock", KNOCKS)
def test_a_knock_is_no_scene_change(
    knock: str, video: str, embedder: Embedder, evaluation_data: Path
) -> None:
    _, before, after = CHANGES[knock]
    seen = report(changed(evaluation_data / video, before, after), embedder)
    assert [turn.conditions for turn in seen.conditions] == [("moved",)]
    assert seen.changes == []


def test_a_second_without_light_is_dark_and_no_scene_change(
    embedder: Embedder, evaluation_data: Path
) -> None:
    lit = changed(evaluation_data / ROOM, same, same)
    dark = changed(evaluation_data / ROOM, scaled(0.03, 0), same)
    frames = (
        night if DARK_FROM_S <= day.t_s < DARK_UNTIL_S else day
        for day, night in zip(lit, dark, strict=True)
    )
    seen = report(frames, embedder)
    assert [turn.conditions for turn in seen.conditions] == [("dark",), ()]
    assert seen.changes == []
