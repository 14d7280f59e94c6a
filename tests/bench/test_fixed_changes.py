"""Light, covers, doors and a parked truck are no scene changes of a fixed camera."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fixed_changes import CAMERAS, CHANGES, changed
from gleancam.config.keys import Config, FileCamera
from gleancam.replay import Replay
from gleancam_engines.embedder import Embedder, open_embedder

pytestmark = [
    pytest.mark.evaluation,
    pytest.mark.models,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def embedder(models_directory: Path) -> Iterator[Embedder]:
    one = open_embedder(models_directory / "tiny-vit-5m")
    yield one
    one.close()


@pytest.mark.parametrize("fps", [None, 1.0])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", CAMERAS)
def test_the_same_place_is_no_other_scene(
    name: str, change: str, fps: float | None, embedder: Embedder, evaluation_data: Path
) -> None:
    camera = FileCamera(id="video", path=name, thumbnails="decoded" if fps is None else "sampled")
    config = Config(site="s", device="d", cameras=(camera,))
    replay = Replay(config, camera, embedder.embed, embedder.space_id, fps)
    report = replay.run(changed(evaluation_data / "videos" / name, change), lambda _: None)
    assert report.changes == []
