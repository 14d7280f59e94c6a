"""A step of the light between two lit levels is no scene change, on real places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gleancam.config.keys import Config, FileCamera
from gleancam.replay import Replay
from gleancam.sources.video import VideoFrame, read_video
from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.planes import Planes, UInt8Array

pytestmark = [pytest.mark.evaluation, pytest.mark.models, pytest.mark.timeout(300)]

BLACK = 16
STEP_AT, FRAMES = 16, 32

LIGHTS = {
    "half": lambda y: BLACK + 0.5 * (y - BLACK),
    "brighter": lambda y: BLACK + 1.4 * (y - BLACK),
    "lamp": lambda y: BLACK + np.linspace(1.0, 2.0, y.shape[1]) * (y - BLACK),
}


@pytest.fixture(scope="module")
def embedder(models_directory: Path) -> Iterator[Embedder]:
    one = open_embedder(models_directory / "tiny-vit-5m")
    yield one
    one.close()


def stepped(video: Path, light: str) -> Iterator[VideoFrame]:
    """The first frames of a video at 10 a second, in another light from `STEP_AT` on."""
    frames = read_video(video)
    for _, each in zip(range(FRAMES), frames, strict=False):
        planes = each.planes
        lit: UInt8Array = planes.y
        if each.index >= STEP_AT:
            lit = np.clip(LIGHTS[light](planes.y.astype(np.float32)), 0, 235).astype(np.uint8)
        shown = Planes(lit, planes.u, planes.v, planes.colorimetry)
        yield VideoFrame(each.index, each.index / 10, shown)
    frames.close()


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize(
    "name", ["iot_one-by-one-person-detection.mp4", "az_shelf.mp4", "vtest.avi", "bgs_video03.avi"]
)
def test_a_step_of_the_light_is_no_scene_change(
    name: str, light: str, embedder: Embedder, evaluation_data: Path
) -> None:
    camera = FileCamera(id="video", path=name)
    config = Config(site="s", device="d", cameras=(camera,))
    replay = Replay(config, camera, embedder.embed, embedder.space_id, None)
    report = replay.run(stepped(evaluation_data / "videos" / name, light), lambda _: None)
    assert len(report.times_ns) == FRAMES
    assert report.changes == []
