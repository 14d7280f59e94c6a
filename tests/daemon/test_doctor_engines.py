"""The doctor on what runs the models: on this machine, and on a simulated GPU."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from gleancam.config.keys import Config, Models, TestCamera
from gleancam.doctor import engines, models
from gleancam.doctor.finding import Finding, Level
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Opening
from gleancam_engines.receipt import VERIFIER, Receipt, Result, write_receipt
from gleancam_engines.trt.plans import stored
from gpu_rig import compile_here, on_gpu, simulated_gpu
from made_models import projection, write_model


def site(folder: Path, **keys: Any) -> Config:
    own = Models(directory=str(folder), embedder="projection", detectors=(), **keys)
    return Config(site="s", device="d", cameras=(TestCamera(id="a"),), models=own)


def said(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    return [(finding.level.value, f"{finding.what}; {finding.cure}") for finding in findings]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "projection", projection())


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with simulated_gpu(monkeypatch):
        monkeypatch.setattr(sys.modules["pycuda"], "__spec__", ModuleSpec("pycuda", None))
        yield monkeypatch


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def vouch(model: Path, value: float) -> None:
    engine = open_engine(model, on_gpu())
    engine.close()
    receipt = Receipt(
        subject=engine.provenance,
        reference=replace(engine.provenance, backend="onnxruntime"),
        batches=(1,),
        pictures=16,
        pictures_sha256="0" * 64,
        result=Result("cosine", value=value, mean=1.0, bar=0.999),
        checked_at="2026-01-01T00:00:00+00:00",
        verifier=VERIFIER,
    )
    write_receipt(model, receipt)


@pytest.mark.usefixtures("no_gpu")
def test_auto_says_what_it_comes_to_and_why(tmp_path: Path) -> None:
    ((level, text),) = said(engines.examine(site(tmp_path)))

    assert level == "ok"
    assert text.startswith("onnxruntime in fp32: ")
    assert "NVIDIA driver" in text


@pytest.mark.usefixtures("no_gpu")
def test_a_gpu_that_is_asked_for_and_not_there_is_a_failure_with_cures(tmp_path: Path) -> None:
    findings = list(engines.examine(site(tmp_path, backend="tensorrt")))

    failures = [finding for finding in findings if finding.level is Level.FAIL]
    assert any("NVIDIA driver" in finding.what for finding in failures)
    assert all(finding.cure for finding in failures)


@pytest.mark.usefixtures("no_gpu")
def test_a_precision_that_auto_comes_to_lack_is_a_failure(tmp_path: Path) -> None:
    ((level, text),) = said(engines.examine(site(tmp_path, precision="fp16")))

    assert level == "fail"
    assert "set precision = 'fp32'" in text


@pytest.mark.usefixtures("gpu")
def test_a_gpu_is_described(tmp_path: Path) -> None:
    findings = said(engines.examine(site(tmp_path)))

    assert [level for level, _ in findings] == ["ok", "ok"]
    assert findings[0][1].startswith("tensorrt in fp32: ")
    assert findings[1][1].startswith("orin-sm87, 8 GiB, driver for CUDA ")


def test_a_gpu_without_tensorrt_is_a_warning(gpu: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gpu.setattr("importlib.util.find_spec", lambda _name: None)

    ((level, text),) = said(engines.examine(site(tmp_path)))

    assert level == "warn"
    assert "python3-libnvinfer" in text


def test_tensorrt_without_pycuda_is_a_failure(gpu: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gpu.setattr("importlib.util.find_spec", lambda name: None if name == "pycuda" else name)

    failures = [text for level, text in said(engines.examine(site(tmp_path))) if level == "fail"]

    assert [text.partition(";")[0] for text in failures] == ["pycuda is not installed"]


@pytest.mark.usefixtures("gpu")
def test_a_model_without_a_plan_is_a_warning(model: Path) -> None:
    whole, plan = said(models.examine(site(model.parent)))

    assert whole[0] == "ok"
    assert plan[0] == "warn"
    assert "gleancam models compile projection" in plan[1]


@pytest.mark.usefixtures("gpu")
def test_a_plan_without_a_receipt_is_a_failure(model: Path) -> None:
    compile_here(model)

    _, receipt = said(models.examine(site(model.parent)))

    assert receipt[0] == "fail"
    assert "was not verified" in receipt[1]
    assert receipt[1].endswith("--precision fp32 --batch 1,8 --backend tensorrt --images DIR")


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("value", "level"), [(0.9999, "ok"), (0.9, "fail")])
def test_a_receipt_is_read(model: Path, value: float, level: str) -> None:
    compile_here(model)
    vouch(model, value)

    _, receipt = said(models.examine(site(model.parent)))

    assert receipt[0] == level
    assert f"cosine {value:.4f}" in receipt[1]


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("name", ["key.json", "receipt.json"])
def test_rubbish_in_the_store_is_no_crash(model: Path, name: str) -> None:
    compile_here(model)
    vouch(model, 1.0)
    (record,) = stored(model)
    (model / "plans" / record.key.digest / name).write_bytes(b"\0")

    assert [level for level, _ in said(models.examine(site(model.parent)))][1] in {"warn", "fail"}


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_fewer_bits_on_the_cpu_want_a_receipt_too(model: Path, precision: str) -> None:
    config = site(model.parent, backend="openvino", precision=precision)

    _, missing = said(models.examine(config))

    assert missing[0] == "fail"
    assert f"--precision {precision}" in missing[1]


@pytest.mark.usefixtures("no_gpu")
def test_fp32_on_the_cpu_wants_nothing_more(model: Path) -> None:
    assert [level for level, _ in said(models.examine(site(model.parent)))] == ["ok"]
    assert open_engine(model, Opening("onnxruntime")).provenance.precision == "fp32"
