"""`gleancam models prototypes --examples`, with a small real model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gleancam.__main__ import main
from gleancam_engines import prototypes
from gleancam_engines.manifest import load
from made_models import projection, write_model

SPREAD = 8


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "models" / "projection", projection())


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """Two classes: red to the left, and blue above."""
    rng = np.random.default_rng(1)
    for name in ("left", "above"):
        folder = tmp_path / "examples" / name
        folder.mkdir(parents=True)
        for at in range(5):
            pixels = rng.integers(100, 100 + SPREAD, (40, 40, 3), np.uint8)
            part = pixels[:, :20, 0] if name == "left" else pixels[:20, :, 2]
            part += 100
            Image.fromarray(pixels).save(folder / f"{at}.png")
    return tmp_path / "examples"


def test_folders_become_classes_of_the_model_and_a_threshold_is_suggested(
    model: Path, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--directory", str(model.parent), "--examples", str(examples)]
    assert main(["models", "prototypes", "projection", "--json", *where]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["classes"] == ["above", "left"]
    made = prototypes.load(Path(answer["file"]), load(model).space_id)
    assert Path(answer["file"]) == model / "prototypes.npz"
    for each, vector in zip(answer["separations"], made.vectors, strict=True):
        assert (each["pictures"], each["right"]) == (5, 1.0)
        assert each["others_most"] < each["threshold"] < each["own_least"]
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_the_table_says_what_is_missing(
    model: Path, examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "p.npz"), "--directory", str(model.parent)]
    one = [f"--examples=door={examples / 'left'}"]
    assert main(["models", "prototypes", "projection", *one, *out]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "ordinary pictures" in told
    assert told.endswith("p.npz: door")


def test_a_class_that_is_given_twice(
    model: Path, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = ["--examples", str(examples), f"--examples=left={examples / 'above'}"]
    assert main(["models", "prototypes", "projection", "--directory", str(model.parent), *twice])
    assert "class 'left' is given twice" in capsys.readouterr().err
    assert not (model / "prototypes.npz").exists()


@pytest.mark.parametrize("arguments", [[], ["--prompts", "p", "--examples", "e"]])
def test_prompts_or_examples(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["models", "prototypes", "projection", *arguments])
    assert "--examples" in capsys.readouterr().err
