"""Every kind of transition between 20 shots of the public videos, 19 a film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.score import CutScore, Stretch, score_cuts, stretches_extra, stretches_found
from bench.transitions import Film
from gleancam.config.keys import Config, FileCamera
from gleancam.replay import Replay, Report
from gleancam_engines.embedder import Embedder, open_embedder

pytestmark = [
    pytest.mark.evaluation,
    pytest.mark.models,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

FILMS = [
    Film("dissolve", 12),
    Film("dissolve", 25),
    Film("dissolve", 50),
    Film("black", 20),
    Film("white", 20),
    Film("wipe", 25),
]


@pytest.fixture(scope="module")
def embedder(models_directory: Path) -> Iterator[Embedder]:
    one = open_embedder(models_directory / "tiny-vit-5m")
    yield one
    one.close()


def report(film: Film, embedder: Embedder, data: Path) -> Report:
    camera = FileCamera(id="video", path="x", thumbnails="decoded")
    config = Config(site="s", device="d", cameras=(camera,))
    replay = Replay(config, camera, embedder.embed, embedder.space_id, None)
    return replay.run(film.play(data), lambda _: None)


@pytest.mark.parametrize("film", FILMS, ids=lambda film: f"{film.kind}-{film.length}")
def test_most_gradual_changes_are_found_and_hardly_anything_else(
    film: Film, embedder: Embedder, evaluation_data: Path
) -> None:
    seen = report(film, embedder, evaluation_data)
    found = [
        Stretch(seen.frame_at(change.started_ns), seen.frame_at(change.ended_ns))
        for change in seen.changes
        if change.kind == "gradual"
    ]
    assert stretches_found(found, film.truth()) >= 16
    assert stretches_extra(found, film.truth()) <= 1
    assert len(seen.changes) - len(found) <= 1


def test_every_cut_is_found_to_the_frame(embedder: Embedder, evaluation_data: Path) -> None:
    film = Film("cut", 0)
    seen = report(film, embedder, evaluation_data)
    cuts = [seen.frame_at(change.started_ns) for change in seen.changes]
    truth = [stretch.start for stretch in film.truth()]
    assert score_cuts(cuts, truth, tolerance=0) == CutScore(19, extras=0, missed=0)
