from __future__ import annotations

import json
from pathlib import Path

import pytest

from gleancam.__main__ import main
from made_models import manifest_text, projection

MODEL = projection()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A models directory in which a person has put a manifest of their own."""
    file = tmp_path / "there.onnx"
    file.write_bytes(MODEL)
    folder = tmp_path / "models" / "projection"
    folder.mkdir(parents=True)
    text = manifest_text(MODEL, source=str(file))
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return folder


def listed(directory: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    assert main(["models", "list", "--json", "--directory", str(directory)]) == 0
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_lists_the_catalogue_and_what_is_beside_it(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = listed(own.parent, capsys)
    assert {"tiny-vit-5m", "yolox-nano", "picodet-416", "clip-vit-b-32", "projection"} == set(rows)
    assert {row["state"] for row in rows.values()} == {"missing"}
    assert rows["yolox-nano"]["licence"].startswith("Apache-2.0")


def test_the_table_is_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--directory", str(tmp_path)]) == 0
    assert "tiny-vit-5m" in capsys.readouterr().out


def test_fetches_a_model_of_ones_own(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = str(own.parent)
    assert main(["models", "fetch", "projection", "--json", "--directory", directory]) == 0
    assert json.loads(capsys.readouterr().out) == {"projection": str(own)}
    assert listed(own.parent, capsys)["projection"]["state"] == "fetched"
    (own / "model.onnx").write_bytes(MODEL[:-1])
    assert listed(own.parent, capsys)["projection"]["state"] == "damaged"


def test_a_wrong_hash_fails_and_says_so(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own.parents[1] / "there.onnx").write_bytes(MODEL[:-1] + b"x")
    assert main(["models", "fetch", "projection", "--directory", str(own.parent)]) == 3
    assert "has sha256" in capsys.readouterr().err
    assert [path.name for path in own.iterdir()] == ["manifest.toml"]


@pytest.mark.parametrize(
    ("names", "exit_code", "told"),
    [([], 2, "name one, or use --all"), (["yolo-nano"], 3, "did you mean 'yolox-nano'")],
)
def test_what_cannot_be_fetched(
    names: list[str],
    exit_code: int,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["models", "fetch", *names, "--directory", str(tmp_path)]) == exit_code
    assert told in capsys.readouterr().err
