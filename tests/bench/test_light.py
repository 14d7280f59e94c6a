"""A step of the light between two lit levels is no scene change, on real places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.light_steps import CAMERAS, FRAMES, LIGHTS, stepped
from gleancam.config.keys import Config, FileCamera
from gleancam.replay import Replay
from gleancam_engines.embedder import Embedder, open_embedder

pytestmark = [pytest.mark.evaluation, pytest.mark.models, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def embedder(models_directory: Path) -> Iterator[Embedder]:
    one = open_embedder(models_directory / "tiny-vit-5m")
    yield one
    one.close()


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", CAMERAS)
def test_a_step_of_the_light_is_no_scene_change(
    name: str, light: str, embedder: Embedder, evaluation_data: Path
) -> None:
    camera = FileCamera(id="video", path=name)
    config = Config(site="s", device="d", cameras=(camera,))
    replay = Replay(config, camera, embedder.embed, embedder.space_id, None)
    report = replay.run(stepped(evaluation_data / "videos" / name, light), lambda _: None)
    assert len(report.times_ns) == FRAMES
    assert report.changes == []
