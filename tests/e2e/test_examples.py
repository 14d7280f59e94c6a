"""From example pictures to tagged frames and named scenes, by the commands a person would type."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cut_examples import cut
from gleancam.__main__ import main

pytestmark = [pytest.mark.evaluation, pytest.mark.models, pytest.mark.slow]

VISITS = ((61, 202), (228, 451), (502, 703), (745, 873), (921, 1205), (1235, 1365))
"""Frames with a person in view, ± 3 (SOURCES.md)."""
ROOM = "iot_one-by-one-person-detection.mp4"
PERSON = (80, 110, 140, 170, 190, 250, 290, 330, 380, 430)
EMPTY = (5, 20, 35, 50, 208, 212, 216, 220, 456, 460)
UNSEEN_FROM = 480

CONFIG = """
site = "s"
device = "d"
[[cameras]]
source = "file"
id = "room"
path = "x"
thumbnails = "decoded"
[directory]
path = "x"
[models]
directory = "{models}"
"""


class Bench:
    def __init__(self, folder: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._models = models
        self._capsys = capsys

    def prototypes(self) -> dict[str, Any]:
        """Make them of the folders below `examples`."""
        where = ["--directory", str(self._models), "--out", str(self.folder / "p.npz")]
        examples = ["--examples", str(self.folder / "examples"), "--json"]
        return self._json("models", "prototypes", "tiny-vit-5m", *examples, *where)

    def replay(self, video: Path, fps: int, selection: str) -> dict[str, Any]:
        config = self.folder / "config.toml"
        text = selection.replace("FILE", str(self.folder / "p.npz"))
        config.write_text(CONFIG.format(models=self._models) + text)
        where = ["--video", str(video), "--fps", str(fps), "--config", str(config)]
        return self._json("replay", *where, "--json")

    def _json(self, *arguments: str) -> dict[str, Any]:
        assert main(list(arguments)) == 0
        document: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return document


@pytest.fixture
def bench(tmp_path: Path, models_directory: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, models_directory, capsys)


def test_people_who_were_never_shown_are_found_by_pictures_of_others(
    bench: Bench, evaluation_data: Path
) -> None:
    video = evaluation_data / "videos" / ROOM
    cut(video, PERSON, bench.folder / "examples" / "person")
    cut(video, EMPTY, bench.folder / "examples" / "empty")
    made = bench.prototypes()
    person = made["separations"][made["classes"].index("person")]
    assert person["right"] == 1.0

    near = '[[selection.near]]\ntag = "person"\nprototypes = "FILE"\nclasses = ["person"]\n'
    rows = bench.replay(video, 2, f"{near}threshold = {person['threshold']}\n")["decisions"]
    tagged = [row["frame"] for row in rows if row.get("tag") and row["frame"] > UNSEEN_FROM]
    assert all(row["reason"] == "near" for row in rows if row.get("tag"))
    for frame in tagged:
        assert any(begin - 3 <= frame <= end + 3 for begin, end in VISITS), frame
    found = [any(begin - 3 <= f <= end + 3 for f in tagged) for begin, end in VISITS[2:]]
    assert sum(found) >= 3, "one of four may resemble what was sent before"
    shown = sum((end - begin) // 5 for begin, end in VISITS[2:])
    assert len(tagged) < shown / 4, "nor is the same person sent again and again"


def test_scenes_are_named_and_what_was_never_shown_is_unknown(
    bench: Bench, evaluation_data: Path
) -> None:
    """The examples are other frames than those of the composite."""
    videos, examples = evaluation_data / "videos", bench.folder / "examples"
    cut(videos / "vtest.avi", range(100, 290, 20), examples / "campus")
    cut(videos / "bgs_video03.avi", range(350, 850, 50), examples / "highway")
    cut(videos / ROOM, range(10, 230, 22), examples / "room")
    bench.prototypes()

    zero_shot = '[selection.zero_shot]\nprototypes = "FILE"\ntau_abs = 0.5\n'
    changes = bench.replay(evaluation_data / "composites" / "cuts_public.mp4", 10, zero_shot)[
        "scene_changes"
    ]
    names = {change["frame"]: change["label"] for change in changes}
    for frame, name in ((185, "campus"), (245, "highway"), (766, "highway")):
        assert name_near(names, frame) in {name, None}
    # A street, a leaf, two of bicycles, a bird, a road from above. A junction is a highway to it.
    for frame in (75, 135, 335, 375, 569, 596):
        assert name_near(names, frame) in {"unknown", None}
    assert {"campus", "highway", "unknown"} <= set(names.values())


def name_near(names: dict[int, str], frame: int) -> str | None:
    """The name of the scene that was found to begin there; None where no change was found."""
    return next((name for at, name in names.items() if abs(at - frame) <= 2), None)


def test_a_real_detector_s_doubts_about_a_real_street_are_kept(
    bench: Bench, evaluation_data: Path
) -> None:
    video = evaluation_data / "videos" / "mot15_TUD-Campus.mp4"
    eager = "[selection.uncertain]\nenabled = {}\nthreshold = 0.95\nevery_s = 0.5\n"
    rows = bench.replay(video, 10, eager.format("true"))["decisions"]
    kept = [row for row in rows if row["reason"] == "uncertain"]
    assert kept
    assert all(0.95 <= row["score"] <= 1 and row["threshold"] == 0.95 for row in kept)
    times = [row["t_s"] for row in kept]
    assert all(later - before >= 0.5 for before, later in pairwise(times))
    without = bench.replay(video, 10, eager.format("false"))["decisions"]
    assert not any(row["reason"] == "uncertain" for row in without)
