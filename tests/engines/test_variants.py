from __future__ import annotations

import json
from pathlib import Path

import pytest

from gleancam_engines.errors import ModelFileError
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.precision import Precision
from gleancam_engines.variants import read_variant, record_path, variant_path, write_variant
from made_models import projection, write_model

MODEL = projection()
HALF = b"the same in fewer bits"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "projection", MODEL)


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    return load(folder)


def write(folder: Path, manifest: Manifest, precision: Precision = "fp16") -> Path:
    return write_variant(folder, manifest, precision, HALF, made_by="a test", calibration="none")


def test_comes_back(folder: Path, manifest: Manifest) -> None:
    path = write(folder, manifest)
    assert path == variant_path(folder, manifest, "fp16") == folder / "model.fp16.onnx"
    assert read_variant(folder, manifest, "fp16") == HALF
    assert read_variant(folder, manifest, "fp32") == MODEL
    assert sorted(one.name for one in folder.iterdir()) == [
        "manifest.toml",
        "model.fp16.onnx",
        "model.fp16.onnx.json",
        "model.onnx",
    ]


def test_precisions_have_files_of_their_own(folder: Path, manifest: Manifest) -> None:
    write(folder, manifest, "int8")
    assert read_variant(folder, manifest, "int8") == HALF
    with pytest.raises(ModelFileError, match=r"cannot be read.*--precision fp16"):
        read_variant(folder, manifest, "fp16")


def test_another_one_replaces_it(folder: Path, manifest: Manifest) -> None:
    write(folder, manifest)
    write_variant(folder, manifest, "fp16", b"newer", made_by="a test")
    assert read_variant(folder, manifest, "fp16") == b"newer"


def test_bf16_has_no_file(folder: Path, manifest: Manifest) -> None:
    with pytest.raises(ModelFileError, match="takes the fp32 file"):
        variant_path(folder, manifest, "bf16")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_only_reduced_files_are_written(
    precision: Precision, folder: Path, manifest: Manifest
) -> None:
    with pytest.raises(ModelFileError):
        write(folder, manifest, precision)
    assert read_variant(folder, manifest, "fp32") == MODEL


def test_damage_is_noticed(folder: Path, manifest: Manifest) -> None:
    write(folder, manifest).write_bytes(HALF[:-1])
    with pytest.raises(ModelFileError, match=r"is damaged.*models compile projection"):
        read_variant(folder, manifest, "fp16")


def test_other_weights_are_noticed(folder: Path, manifest: Manifest) -> None:
    path = record_path(write(folder, manifest))
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "source_sha256": "0" * 64}))
    with pytest.raises(ModelFileError, match="made of other weights than projection@"):
        read_variant(folder, manifest, "fp16")


@pytest.mark.parametrize("text", ["", "{}", "[", '{"precision": "fp64"}', "\udcff"])
def test_a_damaged_record_is_noticed(text: str, folder: Path, manifest: Manifest) -> None:
    record_path(write(folder, manifest)).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ModelFileError, match="no record of a variant"):
        read_variant(folder, manifest, "fp16")


def test_a_folder_that_cannot_be_written(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be written"):
        write(tmp_path / "nowhere", manifest)
