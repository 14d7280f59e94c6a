"""Which detectors call a step of the light a change of scene."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.cache import key, of_file, of_sources, remembered
from bench.detectors import Detector, bgr, downscaled, versions
from bench.embeddings import Model
from bench.light_steps import CAMERAS, LIGHTS, stepped
from bench.product import SOURCES
from gleancam.config.keys import Config, FileCamera
from gleancam.replay import Replay
from gleancam.sources.video import VideoFrame


def reactions(data: Path, model: Model) -> dict[str, int]:
    """Count the changes of scene each detector reports over all cameras and lights."""
    total: Counter[str] = Counter()
    for camera in CAMERAS:
        for light in LIGHTS:
            total.update(_cached(data / "videos" / camera, light, model))
    return dict(total)


def steps() -> int:
    """Say how many steps there are."""
    return len(CAMERAS) * len(LIGHTS)


def _cached(video: Path, light: str, model: Model) -> dict[str, int]:
    sources = of_sources(*SOURCES), of_file(Path(__file__).with_name("light_steps.py"))
    name = key("light", of_file(video), light, model.space_id, versions(), *sources)
    found: dict[str, int] = remembered(name, lambda: _react(list(stepped(video, light)), model))
    return found


def _react(frames: list[VideoFrame], model: Model) -> dict[str, int]:
    content, adaptive = Detector("content"), Detector("adaptive")
    for frame in frames:
        picture = downscaled(bgr(frame.planes))
        content.look(frame.index, picture)
        adaptive.look(frame.index, picture)
    return {
        "gleancam": _ours(frames, model),
        "PySceneDetect content": len(content.cuts),
        "PySceneDetect adaptive": len(adaptive.cuts),
    }


def _ours(frames: list[VideoFrame], model: Model) -> int:
    camera = FileCamera(id="video", path="video", thumbnails="decoded")
    config = Config(site="bench", device="bench", cameras=(camera,))
    replay = Replay(config, camera, model.embedder.embed, model.space_id, None)
    return len(replay.run(frames, lambda _: None).changes)
