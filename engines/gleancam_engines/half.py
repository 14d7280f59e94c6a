"""fp32 ONNX to fp16-typed ONNX, for TensorRT's strong typing: the file says what computes in what.

The picture comes in as fp16, outputs leave as fp32. Written for flat graphs, which is what
exporters of vision models give. Never run such a file on ONNX Runtime's CPU provider, which crashes
on some; where a library for the CPU has to read one, OpenVINO does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import BackendUnavailableError, ModelFileError
from gleancam_engines.half_rules import ALWAYS_FP32_INPUTS, LARGEST, computes_in_fp32

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

MADE_BY = "gleancam half 1"
"""Told in records of variants; raised when the rules change."""

_FLOAT, _HALF = 1, 10  # TensorProto.FLOAT and FLOAT16 of the ONNX standard


def to_half(model: bytes) -> bytes:
    """Return the same model typed in fp16, with fp32 where the range of fp16 is too small.

    Raises:
        BackendUnavailableError: onnx is not installed.
        ModelFileError: it is no ONNX model, has control flow, or types that cannot be told.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise BackendUnavailableError(
            "onnx, which turns models to fp16, is not installed; run 'pip install onnx'"
        ) from error
    try:
        proto = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(model))
    except (DecodeError, onnx.shape_inference.InferenceError) as error:
        raise ModelFileError(f"not an ONNX model ({error}); export or fetch it again") from error
    _Conversion(proto).run()
    _check(proto)
    content: bytes = proto.SerializeToString()
    return content


def _check(proto: ModelProto) -> None:
    """Hold the result against the standard's type rules, so that no runtime is the first to."""
    import onnx

    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ModelFileError(
            f"this model cannot be typed in fp16 ({error}); run it in fp32, or export it with a "
            "newer exporter"
        ) from error


class _Conversion:
    """One model. A value has the type its producer gave it, and is cast once where it must be."""

    def __init__(self, proto: ModelProto) -> None:
        self._graph: GraphProto = proto.graph
        self._constants = dict(_constants(proto.graph))
        self._floats = _float_values(proto)
        self._fp32: dict[str, bool] = {}  # computed values: whether they are in fp32
        self._cast: dict[tuple[str, bool], str] = {}
        self._nodes: list[NodeProto] = []

    def run(self) -> None:
        """Rewrite the graph in place."""
        self._take_inputs()
        outputs = [value.name for value in self._graph.output if value.name in self._floats]
        for node in self._graph.node:
            if node.op_type != "Constant" or node.output[0] not in self._constants:
                self._convert(node)
        for name in outputs:
            self._give_output(name)
        self._replace_parts()

    def _take_inputs(self) -> None:
        inputs = [value for value in self._graph.input if value.name not in self._constants]
        for position, value in enumerate(inputs):
            if value.name in self._floats:
                self._fp32[value.name] = position > 0
        if inputs and inputs[0].name in self._floats:
            inputs[0].type.tensor_type.elem_type = _HALF

    def _convert(self, node: NodeProto) -> None:
        self._refuse(node)
        fp32 = self._decide(node)
        kept = ALWAYS_FP32_INPUTS.get(node.op_type, frozenset())
        for position, name in enumerate(node.input):
            if name in self._floats:
                node.input[position] = self._in(name, fp32=fp32 or position in kept)
        for name in node.output:
            if name in self._floats:
                self._fp32[name] = fp32
        if not fp32:
            _make_half(node)
        self._nodes.append(node)

    def _refuse(self, node: NodeProto) -> None:
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise ModelFileError(
                f"node {node.name!r} ({node.op_type}) is control flow, which has no fp16 here; "
                "run the model in fp32, or export it without"
            )

    def _decide(self, node: NodeProto) -> bool:
        if node.op_type == "Cast" and node.input[0] not in self._floats:
            return True  # whole numbers may be larger than fp16 holds
        kept = ALWAYS_FP32_INPUTS.get(node.op_type, frozenset())
        names = [name for at, name in enumerate(node.input) if name and at not in kept]
        computed = (self._fp32[name] for name in names if name in self._fp32)
        constants = (self._constants[name] for name in names if name in self._constants)
        return computes_in_fp32(node.op_type, computed, constants)

    def _in(self, name: str, *, fp32: bool) -> str:
        """Return the name of this value in the type wanted."""
        if self._fp32.get(name) is fp32:
            return name
        key = (name, fp32)
        if key not in self._cast:
            self._cast[key] = self._copy_of(name, fp32=fp32)
        return self._cast[key]

    def _copy_of(self, name: str, *, fp32: bool) -> str:
        from onnx import helper, numpy_helper

        to = f"{name}__fp{32 if fp32 else 16}"
        if name in self._constants:
            stored = self._constants[name] if fp32 else _rounded(self._constants[name])
            self._graph.initializer.append(numpy_helper.from_array(stored, to))
        else:
            cast = helper.make_node("Cast", [name], [to], to, to=_FLOAT if fp32 else _HALF)
            self._nodes.append(cast)
        return to

    def _give_output(self, name: str) -> None:
        """Give the output under its own name in fp32."""
        from onnx import helper

        if self._fp32[name]:
            return
        inner = f"{name}__fp16"
        for node in self._nodes:
            for names in (node.input, node.output):
                names[:] = [inner if one == name else one for one in names]
        self._nodes.append(helper.make_node("Cast", [inner], [name], f"{name}__out", to=_FLOAT))

    def _replace_parts(self) -> None:
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        del self._graph.value_info[:]
        used = {name for node in self._nodes for name in node.input}
        kept = [tensor for tensor in self._graph.initializer if tensor.name in used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)


def _rounded(value: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """Return a constant in fp16; what is finite stays finite."""
    bounded = np.where(np.isfinite(value), np.clip(value, -LARGEST, LARGEST), value)
    return bounded.astype(np.float16)


def _constants(graph: GraphProto) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    """Give the fp32 tensors that the file holds, whichever way it holds them."""
    from onnx import numpy_helper

    for tensor in graph.initializer:
        if tensor.data_type == _FLOAT:
            yield tensor.name, numpy_helper.to_array(tensor)
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Constant" else ():
            if attribute.name == "value" and attribute.t.data_type == _FLOAT:
                yield node.output[0], numpy_helper.to_array(attribute.t)
            elif attribute.name in ("value_float", "value_floats"):
                numbers = attribute.floats if attribute.name == "value_floats" else attribute.f
                yield node.output[0], np.array(numbers, np.float32)


def _float_values(proto: ModelProto) -> frozenset[str]:
    """Return the names of all fp32 values, constants included.

    Raises:
        ModelFileError: what a node gives cannot be told.
    """
    graph = proto.graph
    typed = {value.name: value for part in _VALUES for value in getattr(graph, part)}
    for node in graph.node:
        for name in node.output:
            if name and name not in typed:
                raise ModelFileError(
                    f"the type of {name!r}, which {node.op_type} gives, is not known; export the "
                    "model with standard ONNX operations, or run it in fp32"
                )
    computed = (name for name in typed if typed[name].type.tensor_type.elem_type == _FLOAT)
    return frozenset((*computed, *(name for name, _ in _constants(graph))))


_VALUES = ("input", "output", "value_info")


def _make_half(node: NodeProto) -> None:
    """Let a node that says its output's type say fp16."""
    from onnx import helper, numpy_helper

    for attribute in node.attribute:
        if attribute.name in ("to", "dtype") and attribute.i == _FLOAT:
            attribute.i = _HALF
        elif attribute.name == "value" and attribute.t.data_type == _FLOAT:
            half = _rounded(numpy_helper.to_array(attribute.t))
            attribute.t.CopyFrom(numpy_helper.from_array(half))
    if node.op_type == "ConstantOfShape" and not node.attribute:
        zero = numpy_helper.from_array(np.zeros(1, np.float16))
        node.attribute.append(helper.make_attribute("value", zero))
