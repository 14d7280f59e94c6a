"""Trained models and exports of open_clip become plans, in every precision, by TensorRT-RTX."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from gleancam_engines.compile import compile_model
from gleancam_engines.manifest import load
from gleancam_engines.precision import Precision
from gleancam_engines.quantising.products import Products
from gleancam_engines.trt.opening import open_plan
from gleancam_engines.variants import variant_path, write_variant
from gleancam_engines.weights import read_checked
from toolchain.rtx import NO_OPS, TARGET, copied, is_well_formed

pytestmark = [pytest.mark.filterwarnings(NO_OPS), pytest.mark.timeout(900)]


@pytest.mark.models
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize(("name", "batches"), [("tiny-vit-5m", (1, 8)), ("yolox-nano", (1,))])
def test_trained_models(
    name: str,
    batches: tuple[int, ...],
    precision: Precision,
    models_directory: Path,
    tmp_path: Path,
) -> None:
    compiles(copied(models_directory / name, tmp_path), precision, batches)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_an_export_of_vit_b_32(
    exported_vit_b_32: Path, precision: Precision, tmp_path: Path
) -> None:
    compiles(copied(exported_vit_b_32, tmp_path), precision, (1, 8))


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_an_export_of_mobileclip2_s0(
    exported_mobileclip2_s0: Path, precision: Precision, tmp_path: Path
) -> None:
    compiles(copied(exported_mobileclip2_s0, tmp_path), precision, (1, 8))


@pytest.mark.models
@pytest.mark.parametrize("name", ["tiny-vit-5m", "yolox-nano"])
def test_every_product_in_int8(name: str, models_directory: Path, tmp_path: Path) -> None:
    """What stays in fp32 is chosen by trying; here nothing does, with scales that mean nothing."""
    model = copied(models_directory / name, tmp_path)
    content = all_in_int8(read_checked(model, load(model)))
    write_variant(model, load(model), "int8", content, made_by="a test")
    compiles(model, "int8", (1,))


def all_in_int8(content: bytes) -> bytes:
    products = Products(content)
    _, taps = products.tapped()
    return products.quantised(products.all, dict.fromkeys(taps, 0.05))


def compiles(model: Path, precision: Precision, batches: tuple[int, ...]) -> None:
    started = time.monotonic()
    plan = compile_model(model, precision=precision, batches=batches, target=TARGET)
    sys.stderr.write(
        f"\n{model.name} {precision} {plan.key.batches}: {time.monotonic() - started:.1f} s, "
        f"{len(plan.content) >> 20} MiB\n"
    )
    assert is_well_formed(plan.content)
    onnx = variant_path(model, load(model), precision)
    assert len(plan.content) > 0.9 * onnx.stat().st_size  # all weights are in it
    assert open_plan(model, precision=precision, batches=batches, target=TARGET) == plan
