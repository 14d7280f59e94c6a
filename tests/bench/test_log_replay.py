"""A log of a real video replays to the decisions that were made then."""

from __future__ import annotations

from pathlib import Path

import pytest

from gleancam.config.keys import Config, FileCamera, Models
from gleancam.config.selection_keys import Selection
from gleancam.sources.video import read_video
from gleancam.whatif.agreement import agreement
from gleancam.whatif.film import Film, show_all
from gleancam.whatif.once import EmbeddedOnce
from gleancam.whatif.recording import read_log
from gleancam.whatif.rerun import rerun
from gleancam_engines.embedder import open_embedder
from made_decisions import write_log

pytestmark = [pytest.mark.evaluation, pytest.mark.models, pytest.mark.slow]

BUDGETS = {"fixed": None, "budget": "3 MB/hour"}
"""The second pays for some of what the first keeps, not for all."""


@pytest.mark.timeout(600)
def test_nearly_all_decisions_survive_half_precision(
    tmp_path: Path, evaluation_data: Path, models_directory: Path
) -> None:
    path = evaluation_data / "videos" / "psd_testvideo.mp4"
    camera = FileCamera(id="video", path=str(path), thumbnails="decoded")
    configs = {
        name: Config(
            site="s",
            device="d",
            cameras=(camera,),
            models=Models(directory=str(models_directory)),
            selection=Selection(budget=budget),
        )
        for name, budget in BUDGETS.items()
    }
    embedder = open_embedder(models_directory / "tiny-vit-5m")
    once = EmbeddedOnce(embedder.embed)
    films = [
        Film(name, config, camera, once, embedder.space_id, 5.0) for name, config in configs.items()
    ]
    video = read_video(path)
    show_all(video, films, once, lambda _: None)
    video.close()
    embedder.close()

    for film in films:
        (run,) = film.recording(film.name).runs
        write_log(tmp_path / film.name, list(run.records), run.epoch)
        recording = read_log(tmp_path / film.name)
        found = rerun(recording, None)
        assert len(found.kept) > 1
        then = agreement(recording, found)
        assert then.share >= 0.99, then.kinds
        assert {each.why for each in then.differences} <= {"rounding", "knock_on"}
