"""The product on a video: `gleancam.replay` with every default, embeddings from the cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.cache import key, of_file, of_sources, remembered
from bench.embeddings import VideoEmbeddings
from bench.footage import Clip
from bench.replays import Replayed, replayed
from gleancam.config.keys import Config, FileCamera
from gleancam.config.selection_keys import Random, Selection
from gleancam.replay import Replay
from gleancam.sources.video import read_video

SOURCES = (Path("daemon/gleancam"), Path("engines/gleancam_engines"))


def default_config(video: Path) -> Config:
    """Every default but the lottery: what is measured is the policy."""
    camera = FileCamera(id="video", path=str(video), thumbnails="decoded")
    selection = Selection(random=Random(enabled=False))
    return Config(site="bench", device="bench", cameras=(camera,), selection=selection)


def judged(
    clip: Clip, video: Path, embeddings: VideoEmbeddings, tick: Callable[[], None]
) -> Replayed:
    """Replay a clip, unless the product's code has not changed since the last time."""
    name = key("replay", of_file(video), embeddings.space_id, of_sources(*SOURCES), clip.file)
    return replayed(remembered(name, lambda: _document(clip, video, embeddings, tick)))


def _document(
    clip: Clip, video: Path, embeddings: VideoEmbeddings, tick: Callable[[], None]
) -> Any:
    config = default_config(video)
    fps = None if clip.every_frame else clip.fps
    replay = Replay(config, config.cameras[0], embeddings, embeddings.space_id, fps)
    frames = read_video(video)
    try:
        report = replay.run(embeddings.watch(frames), lambda _: tick())
    finally:
        frames.close()
        embeddings.save()
    return report.document(video.name)
