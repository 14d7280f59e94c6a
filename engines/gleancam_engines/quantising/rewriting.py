"""Products of a graph get rounded inputs.

Activation and weights each pass a QuantizeLinear and a DequantizeLinear (weights are stored behind
the first), which runtimes fuse with the product. Everything is symmetric, zero points are 0, and
weights have a scale for each output channel; biases and all other nodes stay in fp32. TensorRT
takes nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.quantising.product import Product, round_weight

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto


class Rewriting:
    """Rewrites a model in place.

    Args:
        proto: the model.
        constants: of its graph, by name.
        scales: by activation, what one step of int8 stands for.
    """

    def __init__(
        self,
        proto: ModelProto,
        constants: Mapping[str, npt.NDArray[Any]],
        scales: Mapping[str, float],
    ) -> None:
        self._graph, self._constants, self._scales = proto.graph, constants, scales
        self._nodes: list[NodeProto] = []
        self._rounded: dict[str, str] = {}

    def run(self, chosen: Collection[Product]) -> None:
        """Round what goes into the chosen products."""
        by_output = {product.output: product for product in chosen}
        for node in self._graph.node:
            product = by_output.get(node.output[0]) if node.output else None
            if product is not None:
                node.input[0] = self._activation(product.activation)
                node.input[1] = self._weight(product)
            self._nodes.append(node)
        _replace(self._graph.node, self._nodes)
        self._drop({product.weight for product in chosen})

    def _activation(self, name: str) -> str:
        if name not in self._rounded:
            scale = self._constant(f"{name}__scale", np.float32(self._scales[name]))
            zero = self._constant(f"{name}__zero", np.int8(0))
            steps = self._node("QuantizeLinear", [name, scale, zero], f"{name}__int8")
            self._rounded[name] = self._node(
                "DequantizeLinear", [steps, scale, zero], f"{name}__rounded"
            )
        return self._rounded[name]

    def _weight(self, product: Product) -> str:
        name = f"{product.weight}__axis{product.axis}"
        if name not in self._rounded:
            steps, scales = round_weight(self._constants[product.weight], product.axis)
            inputs = [
                self._constant(f"{name}__int8", steps),
                self._constant(f"{name}__scale", scales),
                self._constant(f"{name}__zero", np.zeros(len(scales), np.int8)),
            ]
            self._rounded[name] = self._node(
                "DequantizeLinear", inputs, f"{name}__rounded", axis=product.axis
            )
        return self._rounded[name]

    def _constant(self, name: str, value: npt.NDArray[Any] | np.generic) -> str:
        from onnx import numpy_helper

        self._graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def _drop(self, weights: Collection[str]) -> None:
        """Take away those weights that nothing reads in fp32 any more."""
        unread = set(weights) - set(_read(self._graph))
        graph = self._graph
        _replace(graph.initializer, [one for one in graph.initializer if one.name not in unread])
        _replace(graph.input, [one for one in graph.input if one.name not in unread])
        _replace(graph.node, [one for one in graph.node if not unread & set(one.output)])


def _replace(field: Any, items: Collection[Any]) -> None:
    """Fill a repeated field of a message anew."""
    kept = list(items)
    del field[:]
    field.extend(kept)


def _read(graph: GraphProto) -> Iterator[str]:
    """Yield every name that is read in a graph and in those within it."""
    yield from (value.name for value in graph.output)
    for node in graph.node:
        yield from node.input
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _read(attribute.g)
