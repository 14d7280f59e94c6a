"""The matrix products of an ONNX graph that have constant weights: what int8 makes faster."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import BackendUnavailableError, ModelFileError
from gleancam_engines.quantising.product import Product
from gleancam_engines.quantising.rewriting import Rewriting

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

_OPSET = 13
"""The first in which QuantizeLinear and DequantizeLinear have an axis."""
_FLOAT = 1  # TensorProto.FLOAT of the ONNX standard


class Products:
    """A model with its products.

    Args:
        model: the bytes of an ONNX file.

    Raises:
        BackendUnavailableError: onnx is not installed.
        ModelFileError: the bytes are no model, or its opset cannot be raised to 13.
    """

    def __init__(self, model: bytes) -> None:
        self._proto = _parse(model)
        self._constants = dict(_constants(self._proto))
        self.all = tuple(self._find())

    def tapped(self) -> tuple[bytes, dict[str, str]]:
        """Return the model with each product's activation as an output, and outputs by activation.

        The added outputs are flat, float32, and come after the model's own.
        """
        import onnx

        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto)
        flat = onnx.numpy_helper.from_array(np.array([-1], np.int64), "flat__shape")
        proto.graph.initializer.append(flat)
        taps = {}
        for name in sorted({product.activation for product in self.all}):
            tap = taps[name] = f"{name}__tap"
            proto.graph.node.append(onnx.helper.make_node("Reshape", [name, flat.name], [tap], tap))
            value = onnx.helper.make_tensor_value_info(tap, _FLOAT, [None])
            proto.graph.output.append(value)
        return proto.SerializeToString(), taps

    def quantised(self, chosen: Collection[Product], scales: Mapping[str, float]) -> bytes:
        """Return the model with the chosen products in int8.

        Args:
            chosen: of `all`.
            scales: by activation, what one step stands for.
        """
        import onnx

        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto)
        Rewriting(proto, self._constants, scales).run(chosen)
        content: bytes = proto.SerializeToString()
        return content

    def _find(self) -> Iterator[Product]:
        for node in self._proto.graph.node:
            if len(node.input) < 2 or node.input[0] in self._constants:
                continue
            weight = self._constants.get(node.input[1])
            axis = None if weight is None else _channel_axis(node, weight)
            if axis is not None:
                yield Product(node.output[0], node.input[0], node.input[1], axis)


def _parse(model: bytes) -> ModelProto:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise BackendUnavailableError(
            "onnx, which turns models to int8, is not installed; run 'pip install onnx'"
        ) from error
    try:
        proto = onnx.load_model_from_string(model)
        opset = next(one.version for one in proto.opset_import if one.domain in ("", "ai.onnx"))
        return proto if opset >= _OPSET else onnx.version_converter.convert_version(proto, _OPSET)
    except (DecodeError, StopIteration) as error:
        raise ModelFileError(f"not an ONNX model ({error}); export or fetch it again") from error
    except (RuntimeError, onnx.version_converter.ConvertError) as error:
        raise ModelFileError(
            f"the opset of this model cannot be raised to {_OPSET} ({error}); export it with one "
            "that is newer"
        ) from error


def _constants(proto: ModelProto) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    from onnx import numpy_helper

    for tensor in proto.graph.initializer:
        yield tensor.name, numpy_helper.to_array(tensor)
    for node in proto.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            yield node.output[0], numpy_helper.to_array(node.attribute[0].t)


def _channel_axis(node: NodeProto, weight: npt.NDArray[Any]) -> int | None:
    """Return the axis of a product's output channels; None: this is no product for int8."""
    if weight.dtype != np.float32:
        return None
    if node.op_type == "Conv":
        return 0
    if node.op_type == "MatMul" and weight.ndim == 2:
        return 1
    if node.op_type == "Gemm" and not _integer(node, "transA"):
        return 0 if _integer(node, "transB") else 1
    return None


def _integer(node: NodeProto, name: str) -> int:
    return next((one.i for one in node.attribute if one.name == name), 0)
