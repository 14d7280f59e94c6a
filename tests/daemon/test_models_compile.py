from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gleancam.__main__ import main
from gleancam_engines import compile as compiling
from gleancam_engines.errors import CompileMemoryError
from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.library import load_tensorrt
from gleancam_engines.trt.plans import stored
from gleancam_engines.trt.target import this_device
from gleancam_engines.verifying.enough import LEAST_PICTURES
from gpu_rig import CUBIN, simulated_gpu
from made_models import projection, write_model
from made_plans import Builder, made_model, made_target

MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return made_model(tmp_path / "models")


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    """A device, which this machine need not have, that compiles at once."""
    made = Builder()
    monkeypatch.setattr(compiling, "this_device", lambda: made_target(made))
    return made


def compiled(model: Path, *more: str) -> int:
    command = ["models", "compile", "projection", "--precision", "fp32", *more]
    return main([*command, "--directory", str(model.parent)])


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return said


def test_compiles_and_says_what_comes_next(
    model: Path, builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compiled(model, "--json") == 0
    said = answer(capsys)
    (record,) = stored(model)
    assert said["plan"] == str(model / "plans" / record.key.digest)
    assert said["batches"] == "1,8"
    assert said["device"] == "orin-sm87"
    assert said["next"] == (
        f"gleancam models verify projection --directory {model.parent} --precision fp32 "
        "--batch 1,8 --backend tensorrt --images DIR"
    )
    assert said["verified"] == "no"
    assert len(builder.keys) == 1


@pytest.mark.usefixtures("builder")
def test_the_table_is_for_people(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compiled(model, "--batch", "4,1") == 0
    shown = capsys.readouterr()
    assert "gleancam models verify projection" in " ".join(shown.out.split())
    assert "1,4" in shown.out
    assert "projection fp32" in shown.err


@pytest.mark.usefixtures("builder")
def test_a_fixed_batch_needs_no_argument(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = write_model(tmp_path / "models" / "projection", projection(1), 1)
    assert compiled(fixed, "--json") == 0
    assert answer(capsys)["batches"] == "1"


@pytest.mark.usefixtures("builder")
def test_settings_stay_until_they_are_set_anew(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = []
    for more in ([], ["--workspace", "64"], [], ["--workspace", "auto"]):
        assert compiled(model, "--json", "--keep", "9", *more) == 0
        limits.append(answer(capsys)["workspace_mib"])
    assert limits == [1024, 64, 64, 1024]


@pytest.mark.usefixtures("builder")
def test_old_plans_are_deleted_and_named(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for batch in ("1", "2", "3"):
        assert compiled(model, "--json", "--batch", batch) == 0
        deleted = answer(capsys)["deleted"]
    assert [record.key.batches for record in stored(model)] == ["3", "2"]
    assert isinstance(deleted, str)
    assert len(deleted) == 16


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Pictures of any colours, as different as pictures can be."""
    rng = np.random.default_rng(3)
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(LEAST_PICTURES):
        pixels = rng.integers(0, 256, (4, 4, 3), np.uint8)
        picture = Image.fromarray(pixels).resize((64, 48), Image.Resampling.NEAREST)
        picture.save(folder / f"{number}.png")
    return folder


def test_with_photographs_it_is_verified_too(
    model: Path,
    photographs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with simulated_gpu(monkeypatch):
        # Another process would not have the simulated GPU.
        build = partial(build_plan, load_tensorrt())
        target = replace(this_device(), build=build, compile_kernels=lambda _: CUBIN)
        monkeypatch.setattr(compiling, "this_device", lambda: target)
        assert compiled(model, "--json", "--batch", "1,4", "--images", str(photographs)) == 0
    said = answer(capsys)
    assert str(said["verified"]).startswith("yes, cosine ")
    assert said["next"] == ""
    assert (Path(str(said["plan"])) / "receipt.json").is_file()


def test_a_build_that_fails_is_one_line(
    model: Path, builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise CompileMemoryError("too little memory")

    builder.meanwhile = fail
    assert compiled(model, "--json") == 3
    assert capsys.readouterr().err == "gleancam: too little memory\n"


@pytest.mark.usefixtures("builder")
def test_int8_wants_pictures_to_be_calibrated_on(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = model.parent / "site.toml"
    spool = f'\n[spool]\npath = "{model.parent}/none"\n'
    site.write_text(MINIMAL.read_text(encoding="utf-8") + spool, encoding="utf-8")
    assert compiled(model, "--precision", "int8", "--config", str(site)) == 2
    assert "--images DIR" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [["--batch", "0"], ["--batch", "x"], ["--workspace", "0"], ["--precision", "bf16"]],
    ids=" ".join,
)
def test_arguments_that_cannot_be(
    wrong: list[str], model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        compiled(model, *wrong)
    assert stopped.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_without_a_device_it_is_one_line(model: Path) -> None:
    """Here there is no driver; where there is one, it is told to show no device."""
    command = [sys.executable, "-m", "gleancam", "models", "compile", "projection"]
    done = subprocess.run(
        [*command, "--directory", str(model.parent)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 3
    assert "NVIDIA driver" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
