"""Real exports, verified; int8 files, taken by TensorRT-RTX, whose parser is TensorRT's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import tensorrt_rtx_bindings as trt
from onnx import numpy_helper

from gleancam_engines.errors import EngineError
from gleancam_engines.manifest import load
from gleancam_engines.opening import Backend, Opening
from gleancam_engines.photographs import read_photographs
from gleancam_engines.quantising.products import Products
from gleancam_engines.trt.build import build_plan
from gleancam_engines.verify import verify
from gleancam_engines.weights import read_checked
from made_network import network, varied
from made_plans import made_key
from toolchain.rtx import NO_OPS, copied, is_well_formed

pytestmark = pytest.mark.filterwarnings(NO_OPS)

EXPORTS = ("exported_vit_b_32", "exported_mobileclip2_s0")
exports = pytest.mark.parametrize("export", EXPORTS)
backends = pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])


@exports
@backends
def test_an_export_has_its_receipt(
    export: str, backend: Backend, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    directory = copied(request.getfixturevalue(export), tmp_path)
    receipt = verify(directory, Opening(backend, threads=2, batches=(1, 8)), varied(16))
    assert receipt.result.passed
    assert receipt.result.value > 0.999999


@exports
@backends
@pytest.mark.evaluation
def test_an_export_has_its_receipt_on_photographs(
    export: str,
    backend: Backend,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    evaluation_data: Path,
) -> None:
    directory = copied(request.getfixturevalue(export), tmp_path)
    photographs = read_photographs(evaluation_data / "images" / "coco_val2017_76", 32)
    receipt = verify(directory, Opening(backend, threads=2), photographs)
    assert receipt.result.passed
    assert receipt.pictures == len(photographs) == 32


def rounded(content: bytes) -> bytes:
    """Return a model with all its products in int8, whatever that does to it."""
    products = Products(content)
    assert products.all
    return products.quantised(products.all, {one.activation: 0.05 for one in products.all})


@exports
def test_int8_of_an_export_becomes_a_plan(export: str, request: pytest.FixtureRequest) -> None:
    directory: Path = request.getfixturevalue(export)
    content = rounded(read_checked(directory, load(directory)))
    plan = build_plan(trt, content, made_key(precision="int8"), name=export).plan
    assert is_well_formed(plan)


@pytest.mark.models
@pytest.mark.parametrize("name", ["tiny-vit-5m", "yolox-nano"])
def test_int8_of_the_catalogue_becomes_a_plan(name: str, models_directory: Path) -> None:
    directory = models_directory / name
    content = rounded(read_checked(directory, load(directory)))
    plan = build_plan(trt, content, made_key(precision="int8"), name=name).plan
    assert is_well_formed(plan)


def test_uint8_is_what_tensorrt_refuses() -> None:
    """Why the files are symmetric: with unsigned zero points there is no plan."""
    model = onnx.load_model_from_string(rounded(network()))
    for tensor in model.graph.initializer:
        if tensor.name.endswith("__zero") and not tensor.dims:
            tensor.CopyFrom(numpy_helper.from_array(np.array(128, np.uint8), tensor.name))
    with pytest.raises(EngineError, match="made"):
        build_plan(trt, model.SerializeToString(), made_key(precision="int8"), name="made")


def test_the_same_in_int8_is_taken() -> None:
    plan = build_plan(trt, rounded(network()), made_key(precision="int8"), name="made").plan
    assert is_well_formed(plan)
