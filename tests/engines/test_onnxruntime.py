from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gleancam_engines.cpu import arithmetic
from gleancam_engines.errors import (
    ManifestError,
    ModelFileError,
    TensorError,
)
from gleancam_engines.loading import open_engine
from made_models import DIM, SIDE, int8_used_twice, projection, write_model

MODEL = projection()


def test_a_missing_file_names_the_cure(tmp_path: Path) -> None:
    folder = write_model(tmp_path, MODEL)
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelFileError, match="gleancam models fetch projection"):
        open_engine(folder)


@pytest.mark.parametrize(
    "held", [MODEL[:-1] + b"x", MODEL[:100], b""], ids=["flipped", "cut", "empty"]
)
def test_a_file_with_another_hash_is_refused(tmp_path: Path, held: bytes) -> None:
    folder = write_model(tmp_path, MODEL)
    (folder / "model.onnx").write_bytes(held)
    with pytest.raises(ModelFileError, match=r"has sha256 .*'gleancam models fetch projection'"):
        open_engine(folder)


@pytest.mark.parametrize(
    "model", [b"no model at all", MODEL[: len(MODEL) // 2]], ids=["text", "half"]
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, model: bytes) -> None:
    with pytest.raises(ModelFileError, match="export it again"):
        open_engine(write_model(tmp_path, model))


def test_tensors_other_than_declared_are_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path, projection(batch=2), batch=1)
    with pytest.raises(ManifestError, match="correct the manifest"):
        open_engine(folder)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_never_leave(tmp_path: Path, bad: float) -> None:
    engine = open_engine(write_model(tmp_path, MODEL))
    image = np.full((1, 3, SIDE, SIDE), bad, np.float32)
    with pytest.raises(TensorError, match="NaN or infinity"):
        engine.infer({"image": image})


@pytest.mark.skipif(
    "vnni" not in arithmetic(), reason="without VNNI, ONNX Runtime refuses what int8 needs there"
)
def test_a_model_may_use_an_int8_tensor_twice(tmp_path: Path) -> None:
    engine = open_engine(write_model(tmp_path, int8_used_twice()))
    image = np.ones((1, 3, SIDE, SIDE), np.float32)
    assert engine.infer({"image": image})["embedding"].shape == (1, DIM)
