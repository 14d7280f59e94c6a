"""The commands as a person runs them, on the smallest architecture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from gleancam.__main__ import main
from gleancam_engines import prototypes
from gleancam_engines.embedder import open_embedder
from gleancam_engines.manifest import load
from made_clip import save_random_weights
from made_planes import scenery

SMALL = "ViT-S-32"

PROMPTS = """
templates = ["a photo of {}.", "{} at night"]
[classes]
person = ["a person", "a pedestrian"]
"empty street" = ["an empty street"]
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights, photographs and prompts."""
    folder = tmp_path_factory.mktemp("work")
    save_random_weights(SMALL, "", folder / "own.pt")
    (folder / "images").mkdir()
    for seed in range(3):
        Image.fromarray(scenery(300, 400, seed)).save(folder / "images" / f"{seed}.jpg")
    (folder / "prompts.toml").write_text(PROMPTS, encoding="utf-8")
    return folder


def export(work: Path, *options: str) -> int:
    weights = ["--checkpoint", str(work / "own.pt")]
    place = ["--directory", str(work / "models")]
    return main(["models", "export", SMALL, *weights, *place, *options])


def test_exports_and_answers_in_json(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--image-only", "--squash", "--images", str(work / "images"), "--json")
    assert export(work, "--name", "small", *options) == 0
    answer = json.loads(capsys.readouterr().out)
    manifest = load(Path(answer["directory"]))
    assert (answer["model_id"], answer["space_id"]) == (manifest.model_id, manifest.space_id)
    assert answer["preprocessing"]["photographs"] is True
    assert answer["preprocessing"]["pictures"] == 3
    assert answer["difference"]["text"] is None
    assert set(answer["files"]) == {
        "image.fp16.onnx",
        "image.fp16.onnx.json",
        "image.onnx",
        "manifest.toml",
    }
    assert manifest.preprocess.mode == "squash"
    open_embedder(Path(answer["directory"])).close()


def test_exports_for_a_person_and_makes_prototypes(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(work) == 0
    table = capsys.readouterr().out
    assert "vit-s-32-own" in table
    assert "text to torch" in table
    directory = ["--directory", str(work / "models")]
    assert main(["models", "list", "--json", *directory]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["vit-s-32-own"]["state"] == "fetched"

    prompts = ["--prompts", str(work / "prompts.toml")]
    assert main(["models", "prototypes", "vit-s-32-own", *prompts, *directory]) == 0
    assert "person, empty street" in capsys.readouterr().out
    folder = work / "models" / "vit-s-32-own"
    made = prototypes.load(folder / "prototypes.npz", load(folder).space_id)
    assert made.names == ("person", "empty street")
    assert made.vectors.shape == (2, open_embedder(folder).dim)


def test_prototypes_of_a_model_without_texts(
    work: Path, models_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = ["--prompts", str(work / "prompts.toml")]
    directory = ["--directory", str(models_directory)]
    assert main(["models", "prototypes", "tiny-vit-5m", *prompts, *directory]) == 3
    assert "has no text tower" in capsys.readouterr().err
