"""`gleancam replay --log` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gleancam.__main__ import main
from gleancam.config.selection_keys import Novelty, Selection
from gleancam.decisions.record import Logged
from gleancam.decisions.segments import segment_path
from gleancam.settlements import Settled
from gleancam.whatif.plot import HEIGHT, SIDES, WIDTH
from made_decisions import made_epoch, made_frame, write_log

CONFIG = """
site = "s"
device = "d"
[directory]
path = "out"
[[cameras]]
id = "gate"
source = "test"
"""
STRICT = f"{CONFIG}\n[selection]\nbudget = '4/hour'\n[selection.novelty]\nthreshold = 0.9\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What a daemon at its defaults would have logged of 60 frames of 12 things."""
    records: list[Logged] = []
    for at in range(60):
        kept = at < 12
        frame = made_frame(
            at % 12, at_ns=10**18 + at * 10**9, sample_id=f"id-{at}" if kept else None
        )
        records.append(frame)
        if kept:
            records.append(Settled("gate", f"id-{at}", 50_000))
    at_once = Selection(novelty=Novelty(refractory_s=0.0))
    write_log(tmp_path / "log", records, made_epoch(selection=at_once))
    return tmp_path / "log"


def config(folder: Path, text: str, name: str) -> str:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return str(path)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, Any], str]:
    assert main(["replay", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    document: dict[str, Any] = json.loads(captured.out)
    return document, captured.err


def test_its_own_policy_is_replayed_and_compared_with_what_was_decided(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, said = asked(capsys, "--log", str(log))
    assert document["policy"] == "logged"
    assert document["recording"]["frames"] == 60
    assert len(document["decisions"]) == 60
    assert document["agreement"]["share"] > 0.9
    assert said == ""


def test_the_same_log_gives_the_same_bytes(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for _ in range(2):
        assert main(["replay", "--log", str(log), "--json"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


def test_another_policy_is_replayed_and_what_it_cannot_show_is_named(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{STRICT}\n[selection.gate]\nmin_difference = 5.0\n[selection.scene]\nthreshold = 0.5\n"
    document, said = asked(capsys, "--log", str(log), "--policy", config(tmp_path, text, "strict"))
    assert 0 < document["kept"] < 12
    assert "gate: min_difference 1.0 in the log, 5.0 here" in said
    assert "scene: threshold 0.25 in the log, 0.5 here" in said
    assert len(document["notices"]) == 2


def test_two_policies_side_by_side_with_a_picture(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "plot.png"
    strict = config(tmp_path, STRICT, "strict")
    compared = ["--log", str(log), "--compare", "logged", strict]
    document, _ = asked(capsys, *compared, "--plot", str(plot))
    first, second = document["sides"]
    assert (first["policy"], second["policy"]) == ("logged", "strict")
    assert first["kept"] == 12 > second["kept"] == document["kept_by_both"]
    assert first["kept_alone"] == 12 - second["kept"]
    assert first["coverage"] == 1.0 > second["coverage"]
    assert first["covering_radius"] < 0.01 < second["covering_radius"]
    assert first["wire_bytes"] == 12 * 50_000
    assert second["budgets"] == [
        {"account": "site", "budget": "4/hour", "used": second["kept"], "share": second["kept"] / 4}
    ]
    with Image.open(plot) as picture:
        assert picture.size == (WIDTH, HEIGHT)
        pixels = np.asarray(picture).reshape(-1, 3)
    for colour in SIDES:
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert (np.abs(pixels - np.array(wanted)).max(axis=1) < 12).sum() > 300

    assert main(["replay", *compared]) == 0
    assert "coverage" in capsys.readouterr().out


def test_at_most_so_many(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, _ = asked(capsys, "--log", str(log), "--at-most", "5")
    assert document["kept"] == 5
    assert 0.2 < document["novelty_threshold_found"] < 2


def test_what_was_before_the_log_and_what_is_torn_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames: list[Logged] = [made_frame(seed) for seed in range(5)]
    write_log(tmp_path, frames, made_epoch(remembered=7))
    first = segment_path(tmp_path, 1)
    first.write_bytes(first.read_bytes()[:-3])
    document, said = asked(capsys, "--log", str(tmp_path))
    assert document["recording"]["frames"] == 4
    assert "remembered before the log begins is missing (7 centres" in said
    assert "cannot be read, as after a power cut" in said


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--log", "{log}", "--fps", "2"], "--fps"),
        (["--log", "{log}", "--plot", "x.png"], "--compare"),
        (["--log", "{log}", "--policy", "{strict}", "--compare", "a", "b"], "--policy"),
        (["--log", "{log}", "--compare", "logged", "{other}"], "set models.embedder to tiny-vit"),
        (["--log", "{log}", "--compare", "logged", "logged", "--plot", "no/x.png"], "folder"),
    ],
)
def test_what_does_not_fit_together_is_an_error_with_a_cure(
    log: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    word: str,
) -> None:
    strict = config(tmp_path, STRICT, "strict")
    other = config(tmp_path, f"{CONFIG}\n[models]\nembedder = 'clip-vit-b-32'\n", "other")
    filled = [each.format(log=log, strict=strict, other=other) for each in arguments]
    assert main(["replay", *filled]) == 2
    assert word in capsys.readouterr().err


def test_a_missing_log_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--log", str(tmp_path / "none")]) == 1
    assert "no decision log at" in capsys.readouterr().err
