from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gleancam_engines.errors import (
    BackendUnavailableError,
    ManifestError,
    ModelFileError,
)
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Backend, Opening
from gleancam_engines.openvino_ import _core, _require
from layers import ROOT
from made_models import projection, write_model

MODEL = projection()
HAS_BF16 = "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")

PROGRAM = """
import json, pathlib, sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event))
sys.path.insert(0, sys.argv[2])
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Backend, Opening
open_engine(pathlib.Path(sys.argv[1]), Opening(backend="openvino"))
telling = [one for one in seen if one.partition(".")[0] in ("socket", "subprocess")]
print(json.dumps([telling, "openvino" in sys.modules, sys.modules["openvino_telemetry"]]))
"""


def test_a_missing_file_names_the_cure(tmp_path: Path) -> None:
    folder = write_model(tmp_path, MODEL)
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelFileError, match="gleancam models fetch projection"):
        open_engine(folder, Opening(backend="openvino"))


def test_a_file_with_another_hash_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path, MODEL)
    (folder / "model.onnx").write_bytes(MODEL[:-1] + b"x")
    with pytest.raises(ModelFileError, match=r"has sha256 .*'gleancam models fetch projection'"):
        open_engine(folder, Opening(backend="openvino"))


@pytest.mark.parametrize(
    "model", [b"no model at all", MODEL[: len(MODEL) // 2]], ids=["text", "half"]
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, model: bytes) -> None:
    with pytest.raises(ModelFileError, match="export it again"):
        open_engine(write_model(tmp_path, model), Opening(backend="openvino"))


def test_bytes_are_never_taken_for_a_path(tmp_path: Path) -> None:
    whole = write_model(tmp_path / "whole", MODEL) / "model.onnx"
    with pytest.raises(ModelFileError, match="export it again"):
        open_engine(
            write_model(tmp_path / "path", str(whole).encode()), Opening(backend="openvino")
        )


def test_tensors_other_than_declared_are_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path, projection(batch=2), batch=1)
    with pytest.raises(ManifestError, match="correct the manifest"):
        open_engine(folder, Opening(backend="openvino"))


@pytest.mark.models
def test_a_model_openvino_cannot_run_names_the_other_backend(models_directory: Path) -> None:
    with pytest.raises(ModelFileError, match=r"dynamic rank.*set backend = 'onnxruntime'"):
        open_engine(models_directory / "picodet-416", Opening(backend="openvino"))


def test_the_precision_is_what_was_asked(tmp_path: Path) -> None:
    engine = open_engine(write_model(tmp_path, MODEL), Opening(backend="openvino", threads=1))
    assert engine.backend == "openvino/cpu/fp32"
    compiled = engine._request.get_compiled_model()  # type: ignore[attr-defined]
    assert compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name() == "f32"
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 1


def test_bf16_needs_a_cpu_that_lists_it(tmp_path: Path) -> None:
    folder = write_model(tmp_path, MODEL)
    if HAS_BF16:
        engine = open_engine(folder, Opening("openvino", "bf16", unverified=True))
        assert engine.backend == "openvino/cpu/bf16"
    else:
        with pytest.raises(BackendUnavailableError, match=r"no bf16.*precision = 'fp32'"):
            open_engine(folder, Opening(backend="openvino", precision="bf16"))


def test_what_the_cpu_lists_decides() -> None:
    _require("bf16", ["FP32", "BF16", "INT8"])
    _require("fp32", ["FP32"])
    with pytest.raises(BackendUnavailableError, match="OpenVINO lists FP32, INT8"):
        _require("bf16", ["FP32", "INT8"])


@pytest.mark.parametrize("backend", ["auto", "onnxruntime"])
def test_bf16_needs_openvino(tmp_path: Path, backend: Backend) -> None:
    with pytest.raises(BackendUnavailableError, match="backend = 'openvino'"):
        open_engine(write_model(tmp_path, MODEL), Opening(backend=backend, precision="bf16"))


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install gleancam\[openvino\]"):
        open_engine(write_model(tmp_path, MODEL), Opening(backend="openvino"))


def test_opening_reports_to_nobody(tmp_path: Path) -> None:
    folder, home = write_model(tmp_path / "model", MODEL), tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, folder, ROOT / "engines"],
        env={"HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [[], True, None]
    assert list(home.iterdir()) == []
