"""The most arithmetic a backend does on this device: a model of nothing but matrix products."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from gleancam_engines.choice import settle
from gleancam_engines.compile import prepare_plan
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.loading import open_engine
from gleancam_engines.manifest import FILE_NAME
from gleancam_engines.opening import Opening
from gleancam_engines.timing import call_seconds

SECONDS = 1.0

_MANIFEST = """
name = "ceiling"
task = "embed"
summary = "{products} matrix products of side {side}"
licence = "Apache-2.0"
homepage = ""
decoder = "embedding"

[[files]]
name = "model.onnx"
sha256 = "{sha256}"
size_bytes = {size_bytes}
sources = [{{ kind = "file", path = "model.onnx" }}]

[[inputs]]
name = "image"
dtype = "float32"
shape = [-1, 3, 8, 8]

[[outputs]]
name = "embedding"
dtype = "float32"
shape = [-1, {side}]

[preprocess]
height = 8
width = 8
mode = "squash"
"""


@dataclass(frozen=True, slots=True)
class Products:
    """So many products of square matrices of this side: enough to keep a device busy."""

    side: int
    count: int

    @property
    def flops(self) -> int:
        """Floating-point operations of all of them."""
        return 2 * self.side**3 * self.count


ON_CPU = Products(1024, 4)
ON_GPU = Products(4096, 8)


@cache
def ceiling_flops(opening: Opening, products: Products) -> float:
    """Return the floating-point operations a second of the best of some runs, measured once.

    Raises:
        BackendUnavailableError: onnx is not installed, or the backend cannot run here.
        CompileError: TensorRT cannot build its plan.
    """
    with tempfile.TemporaryDirectory(prefix="gleancam-ceiling-") as folder:
        directory = _write(Path(folder) / "ceiling", products)
        chosen = replace(settle(opening), batches=(1,), unverified=True)
        if chosen.backend == "tensorrt":
            prepare_plan(directory, precision=chosen.precision, batches=chosen.batches)
        engine = open_engine(directory, chosen)
        try:
            image = {"image": np.zeros((1, 3, 8, 8), engine.inputs[0].dtype)}
            best_s = min(call_seconds(lambda: engine.infer(image), SECONDS))
        finally:
            engine.close()
    return products.flops / best_s


def _write(directory: Path, products: Products) -> Path:
    """Make a model directory of it."""
    directory.mkdir()
    content = _model(products)
    (directory / "model.onnx").write_bytes(content)
    text = _MANIFEST.format(
        products=products.count,
        side=products.side,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
    )
    (directory / FILE_NAME).write_text(text, encoding="utf-8")
    return directory


def _model(products: Products) -> bytes:
    """Return the ONNX file: the picture's mean, added to a matrix, times another, again and again.

    The picture is in it so that nothing can be computed beforehand.
    """
    try:
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        raise BackendUnavailableError(
            f"the ceiling cannot be measured ({error}); run 'pip install onnx'"
        ) from error
    side, rng = products.side, np.random.default_rng(1)
    matrices = {name: rng.standard_normal((side, side)).astype(np.float32) for name in ("a", "b")}
    matrices["b"] /= np.float32(np.sqrt(side))  # the products neither grow nor fade
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("ReduceMean", ["mean"], ["level"], axes=[1], keepdims=1),
        helper.make_node("Unsqueeze", ["level", "axis"], ["whole"]),
        helper.make_node("Add", ["a", "whole"], ["p0"]),
    ]
    nodes += [
        helper.make_node("MatMul", [f"p{at}", "b"], [f"p{at + 1}"]) for at in range(products.count)
    ]
    nodes.append(
        helper.make_node("ReduceMean", [f"p{products.count}"], ["embedding"], axes=[1], keepdims=0)
    )
    graph = helper.make_graph(
        nodes,
        "ceiling",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", side])],
        [
            *(numpy_helper.from_array(array, name) for name, array in matrices.items()),
            numpy_helper.from_array(np.array([2], np.int64), "axis"),
        ],
    )
    opset = helper.make_opsetid("", 17)
    whole: bytes = helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()
    return whole
