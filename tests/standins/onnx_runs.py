"""One run of a model by ONNX Runtime, on tensors that lie at device addresses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from standins.memory import Memory
from standins.onnx_graphs import Graph

NUMPY: Mapping[str, npt.DTypeLike] = {
    "FLOAT": np.float32,
    "HALF": np.float16,
    "INT8": np.int8,
    "UINT8": np.uint8,
    "INT32": np.int32,
    "INT64": np.int64,
    "BOOL": np.bool_,
}


@dataclass(frozen=True)
class Run:
    """What was set when the run was queued."""

    content: bytes
    memory: Memory
    addresses: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]

    def check(self, name: str, shape: tuple[int, ...], dtype: str) -> None:
        """Assert that a tensor fits where its address says."""
        self._at(name, shape, dtype)

    def perform(self, graph: Graph, place: Callable[[str, npt.NDArray[Any]], int]) -> None:
        """Read the inputs, compute, write the outputs; `place` says where those without size go."""
        feeds = {t.name: self._at(t.name, self.shapes[t.name], t.dtype) for t in graph.inputs}
        names = [tensor.name for tensor in graph.outputs]
        results = _session(self.content).run(names, feeds)
        for tensor, result in zip(graph.outputs, results, strict=True):
            if tensor.name in self.shapes:
                self._at(tensor.name, self.shapes[tensor.name], tensor.dtype)[...] = result
            elif address := place(tensor.name, result):
                self.memory.at(address, result.nbytes)[:] = result.reshape(-1).view(np.uint8)

    def _at(self, name: str, shape: tuple[int, ...], dtype: str) -> npt.NDArray[Any]:
        kind = np.dtype(NUMPY[dtype])
        raw = self.memory.at(self.addresses[name], math.prod(shape) * kind.itemsize)
        return raw.view(kind).reshape(shape)


@lru_cache(maxsize=8)
def _session(content: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
