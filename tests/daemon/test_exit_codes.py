"""What commands end with: 2 for usage and configuration alone, 3 for models, 1 for the rest."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from gleancam import logs
from gleancam.__main__ import main
from gleancam.errors import (
    ConfigurationError,
    FolderError,
    GleancamError,
    ListenError,
    SinkError,
    SpoolError,
    exit_code,
)
from gleancam_engines import errors as engine_errors
from gleancam_engines.errors import EngineError
from made_models import projection, write_model

CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
[models]
directory = "{folder}/{models}"
embedder = "projection"
detectors = []
backend = "{backend}"
[spool]
path = "{folder}/spool.db"
[directory]
path = "{folder}/samples"
"""


def all_kinds(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(one for below in kind.__subclasses__() for one in all_kinds(below))]


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(logs, "configure", lambda _level: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path / "models" / "projection", projection())
    (tmp_path / "empty").mkdir()
    damaged = write_model(tmp_path / "damaged" / "projection", projection())
    (damaged / "model.onnx").write_bytes(b"half")
    return tmp_path


@pytest.mark.parametrize(
    ("models", "backend", "code", "said"),
    [
        ("models", "warp", 2, "models.backend"),
        ("empty", "onnxruntime", 2, "gleancam models fetch"),
        ("damaged", "onnxruntime", 3, "no source gave model.onnx"),
        ("models", "tensorrt", 3, "NVIDIA driver"),
    ],
)
def test_run(
    folder: Path,
    models: str,
    backend: str,
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = folder / "config.toml"
    config.write_text(CONFIG.format(folder=folder, models=models, backend=backend))

    assert main(["run", f"--config={config}"]) == code

    shown = capsys.readouterr().err
    assert said in shown
    assert shown.startswith("gleancam: ")


@pytest.mark.parametrize("command", [["check"], ["check", "--json"], ["run"]], ids=" ".join)
@pytest.mark.parametrize(
    ("spool", "code", "said"),
    [
        ("absent/spool.db", 2, "no such folder"),
        ("damaged/projection/model.onnx/spool.db", 2, "no such folder"),
        ("locked/spool.db", 1, "cannot be written"),
        ("frozen/spool.db", 1, "read-only file system"),
    ],
)
def test_a_spool_that_cannot_be_written(
    folder: Path,
    command: list[str],
    spool: str,
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A path that is wrong needs a person; a disk may be mended while systemd tries again."""
    for name in ("locked", "frozen"):
        (folder / name).mkdir()
    access = os.access
    # As if its permissions were felt, which root does not, and as if remounted by the kernel.
    monkeypatch.setattr(
        os,
        "access",
        lambda at, mode: Path(at).name not in {"locked", "frozen"} and access(at, mode),
    )
    flags = {"frozen": os.ST_RDONLY}
    monkeypatch.setattr(
        os, "statvfs", lambda at: SimpleNamespace(f_flag=flags.get(Path(at).name, 0))
    )
    config = folder / "config.toml"
    config.write_text(
        CONFIG.format(folder=folder, models="models", backend="onnxruntime").replace(
            f"{folder}/spool.db", f"{folder}/{spool}"
        )
    )

    assert main([command[0], f"--config={config}", *command[1:]]) == code

    captured = capsys.readouterr()
    assert said in captured.out + captured.err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["check", "--config", "{folder}/none.toml"], 2),
        (["run", "--config", "{folder}/none.toml"], 2),
        (["models", "fetch"], 2),
        (["models", "fetch", "unheard-of"], 3),
        (["models", "bench", "absent", "--backend", "onnxruntime"], 3),
        (["models", "bench", "projection", "--backend", "tensorrt"], 3),
        (["models", "bench", "projection", "--backend", "onnxruntime", "--precision", "fp16"], 2),
        (["models", "compile", "projection"], 3),
        (["models", "verify", "absent", "--images", "{folder}/models"], 3),
        (["spool", "stat", "--path", "{folder}/none.db"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_other_commands(command: list[str], code: int, folder: Path) -> None:
    words = [word.format(folder=folder) for word in command]
    where = ["--directory", str(folder / "models")] if words[0] == "models" else []

    assert main([*words, *where]) == code


def test_every_error_of_the_engines_is_3() -> None:
    kinds = all_kinds(EngineError)

    assert len(kinds) > 10
    assert {exit_code(kind("x")) for kind in kinds} == {3}
    assert {kind.__module__ for kind in kinds} == {engine_errors.__name__}


def test_only_a_wrong_configuration_is_2() -> None:
    kinds = [FolderError, ListenError, SinkError, SpoolError, GleancamError]

    assert {exit_code(kind("x")) for kind in kinds} == {1}
    assert exit_code(ConfigurationError("x")) == 2
    assert exit_code(ValueError("x")) == 1
    assert all(
        issubclass(kind, ConfigurationError)
        for kind in all_kinds(GleancamError)
        if vars(kind).get("exit_code") == 2
    )
