"""What an export does with what it cannot use: one clear error, and no file left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gleancam_engines.errors import EngineError, ExportError, FetchError, ModelFileError
from gleancam_engines.export.exporting import export_model
from gleancam_engines.export.request import Request
from made_clip import save_random_weights

SMALL = "ViT-S-32"
"""The smallest architecture that loads fast; it has no weights on the hub."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_random_weights(SMALL, "", tmp_path_factory.mktemp("weights") / "small.pt")


def refused(request: Request, folder: Path, kind: type[EngineError]) -> EngineError:
    with pytest.raises(kind) as caught:
        export_model(request, folder)
    assert [path for path in folder.rglob("*") if path != request.checkpoint] == []
    return caught.value


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Request("ViT-B32", "openai"), r"no model 'ViT-B32'; did you mean .*ViT-B-32"),
        (Request("MobileCLIP2-S0", "openai"), "no weights 'openai' .* choose one of dfndr2b"),
        (Request("ViT-B-32"), "with --pretrained, one of openai"),
        (Request("ViT-L-14", checkpoint=Path("x.pt")), "differ in preprocessing or activation"),
        (Request(SMALL, "openai"), "give a file of your own"),
        (Request("ViT-B-32", "openai", name="../up"), "cannot be called '../up'"),
        (Request("ViT-B-32", "openai", name="tiny-vit-5m"), "name of another model"),
        (Request("ViT-bigG-14", "laion2b_s39b_b160k"), "image tower .* 6.9 GiB .* smaller model"),
        (Request("ViT-SO400M-16-SigLIP2-256", "webli"), "text tower .* 2.6 GiB .* --image-only"),
    ],
)
def test_what_is_asked(request_: Request, told: str, tmp_path: Path) -> None:
    assert told_by(refused(request_, tmp_path, ExportError), told)


def told_by(error: EngineError, pattern: str) -> bool:
    return re.search(pattern, str(error)) is not None


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"PK\x03\x04 cut off"])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_corrupt_checkpoint(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    error = refused(Request(SMALL, checkpoint=path, name="small"), tmp_path, ModelFileError)
    assert told_by(error, "cannot be read as weights .* that is whole")


def test_a_truncated_checkpoint(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(checkpoint.read_bytes()[:-1000])
    refused(Request(SMALL, checkpoint=path, name="small"), tmp_path, ModelFileError)


class Harmful:
    """What a pickle can do to whoever loads it."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self._mark,))


def test_a_pickle_with_code_in_it_is_not_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "weights.pt", tmp_path / "mark"
    torch.save({"state_dict": Harmful(mark)}, path)
    error = refused(Request(SMALL, checkpoint=path, name="small"), tmp_path, ModelFileError)
    assert told_by(error, "cannot be read as weights")
    assert not mark.exists()


def test_a_checkpoint_of_another_architecture(checkpoint: Path, tmp_path: Path) -> None:
    request = Request("ViT-S-16", checkpoint=checkpoint, name="other")
    assert told_by(refused(request, tmp_path, ModelFileError), "another architecture")


@pytest.mark.parametrize(("name", "told"), [("w.pt", "is not there"), ("w.npz", "must end in")])
def test_a_checkpoint_that_is_none(name: str, told: str, tmp_path: Path) -> None:
    request = Request(SMALL, checkpoint=tmp_path / name, name="small")
    assert told_by(refused(request, tmp_path, ModelFileError), told)


def test_weights_with_another_hash(checkpoint: Path, tmp_path: Path) -> None:
    request = Request(SMALL, checkpoint=checkpoint, name="small", weights_sha256="0" * 64)
    assert told_by(refused(request, tmp_path, ModelFileError), "other weights")


def test_a_directory_that_cannot_be_written(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    request = Request(SMALL, checkpoint=checkpoint, name="small")
    with pytest.raises(ExportError, match="cannot be written"):
        export_model(request, tmp_path / "models")


def offline(
    tmp_path: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own: the hub's client reads its settings once."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "gleancam",
            "models",
            *arguments,
            "--directory",
            str(tmp_path / "m"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HOME": str(tmp_path / "hub"), **environment},
    )


@pytest.mark.parametrize(
    "environment", [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}]
)
def test_no_hub(environment: dict[str, str], tmp_path: Path) -> None:
    done = offline(tmp_path, "export", "ViT-B-32", "--pretrained", "openai", **environment)
    assert done.returncode == 3, done.stderr
    assert "timm/vit_base_patch32_clip_224.openai" in done.stderr
    assert "--checkpoint" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "m").iterdir())


def test_no_hub_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    assert refused(Request("ViT-B-32", "openai"), tmp_path, FetchError).transient
