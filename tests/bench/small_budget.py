"""The product at a small budget: as `gleancam replay --at-most` chooses, regions and all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.cache import key, of_file, of_sources, remembered
from bench.embeddings import VideoEmbeddings
from bench.product import SOURCES, default_config
from gleancam.replay import look_ahead
from gleancam.sources.video import read_video
from gleancam.whatif.at_most import at_most
from gleancam.whatif.film import Film
from gleancam.whatif.policy import of_config


def kept_at_most(
    video: Path, embeddings: VideoEmbeddings, budgets: Sequence[int]
) -> dict[int, list[int]]:
    """Which frames are kept with room for so many, by budget."""
    name = key("at-most", embeddings.key, of_sources(*SOURCES), of_file(Path(__file__)))
    written = remembered(f"{name}-{budgets}", lambda: _kept(video, embeddings, budgets))
    return {int(budget): kept for budget, kept in written.items()}


def _kept(video: Path, embeddings: VideoEmbeddings, budgets: Sequence[int]) -> dict[str, list[int]]:
    film = _film(video, embeddings)
    recording = film.recording(video.name)
    policy = of_config(film.config, "policy")
    kept: dict[str, list[int]] = {}
    for budget in budgets:
        _, found = at_most(recording, policy, budget)
        times = [found.frames[at].observation.captured_ns for at in found.kept]
        kept[str(budget)] = [film.report.frame_at(time_ns) for time_ns in times]
    return kept


def _film(video: Path, embeddings: VideoEmbeddings) -> Film:
    config = default_config(video)
    film = Film("policy", config, config.cameras[0], embeddings, embeddings.space_id, None)
    frames = read_video(video)
    try:
        fps, shown = look_ahead(frames)
        film.begin(fps)
        for frame in embeddings.watch(shown):
            film.show(frame)
    finally:
        frames.close()
        embeddings.save()
    return film
