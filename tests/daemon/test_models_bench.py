from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gleancam.__main__ import main
from gleancam_engines import bench
from gleancam_engines import compile as compiling
from gleancam_engines.ceiling import Products, _model
from gleancam_engines.flops import flops
from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.library import load_tensorrt
from gleancam_engines.trt.target import this_device
from gpu_rig import CUBIN, compile_here, simulated_gpu
from made_models import SIDE, projection, write_model

QUICK = ["--seconds", "0.01", "--threads", "1"]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    write_model(tmp_path / "projection", projection())
    return tmp_path


def test_measures_each_backend_and_batch(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backends = ["--backend", "onnxruntime", "--backend", "openvino"]
    arguments = ["models", "bench", "projection", "--directory", str(models), *QUICK, "--json"]
    assert main([*arguments, *backends, "--batch", "2,1"]) == 0
    rows = json.loads(capsys.readouterr().out)
    told = [(row["provenance"]["backend"], row["batch"]) for row in rows]
    assert told == [("onnxruntime", 1), ("onnxruntime", 2), ("openvino", 1), ("openvino", 2)]
    for row in rows:
        assert 0 < row["p50_ms"] <= row["p95_ms"]
        arithmetic = 2 * 3 * SIDE * SIDE * 8 * row["batch"]
        assert row["gflops"] == pytest.approx(arithmetic / row["model_ms"] / 1e6)
        assert row["images_per_s"] > 0
        assert row["ceiling_gflops"] > 0


def test_the_table_is_for_people(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["models", "bench", "projection", "--directory", str(models), *QUICK]
    assert main([*arguments, "--batch", "1"]) == 0
    assert "projection" in capsys.readouterr().out


def test_a_fixed_batch_is_measured_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(tmp_path / "projection", projection(batch=2), batch=2)
    arguments = ["models", "bench", "projection", "--directory", str(tmp_path), *QUICK]
    assert main([*arguments, "--batch", "1,2", "--json"]) == 0
    assert [row["batch"] for row in json.loads(capsys.readouterr().out)] == [2]
    assert main([*arguments, "--batch", "3"]) == 3
    assert "measure with --batch 2" in capsys.readouterr().err


def test_nothing_to_measure_is_said(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["models", "bench", "projection", "--directory", str(models), *QUICK]
    assert main([*arguments, "--backend", "onnxruntime", "--precision", "bf16"]) == 2
    assert "none of these backends" in capsys.readouterr().err


def test_measures_a_plan(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "ON_GPU", Products(side=32, count=2))
    with simulated_gpu(monkeypatch):
        here = replace(
            this_device(),
            build=partial(build_plan, load_tensorrt()),
            compile_kernels=lambda _: CUBIN,
        )
        monkeypatch.setattr(compiling, "this_device", lambda: here)
        compile_here(models / "projection")
        arguments = ["models", "bench", "projection", "--directory", str(models), *QUICK]
        assert main([*arguments, "--backend", "tensorrt", "--batch", "1", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["provenance"]["backend"] == "tensorrt"
    assert row["ceiling_gflops"] > 0


@pytest.mark.parametrize("batch", ["0", "1,x", "65", ""])
def test_batches_are_small_numbers(batch: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["models", "bench", "projection", "--batch", batch])
    assert "numbers of 1 to 64" in capsys.readouterr().err


def test_the_ceiling_is_as_much_arithmetic_as_it_says() -> None:
    products = Products(side=64, count=3)
    assert flops(_model(products)) == products.flops
