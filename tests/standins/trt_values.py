"""`tensorrt`: shapes, memory of the host, and loggers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from standins.things import Thing


class Dims(Thing):
    """A shape; like the real one, no tuple, but equal to one."""

    def _begin(self, shape: Sequence[int] = ()) -> None:
        self._sizes = tuple(int(size) for size in shape)

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, at: Any) -> Any:
        return self._sizes[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Dims, tuple, list)) and [*self._sizes] == [*other]

    __hash__ = None  # type: ignore[assignment] # as pybind11 has it for a class with ==

    def __iter__(self) -> Iterator[int]:
        return iter(self._sizes)

    def __repr__(self) -> str:
        return repr(self._sizes)


class HostMemory(Thing, bytes):
    """Bytes that TensorRT gives; the real one is a buffer, and little else."""

    def __len__(self) -> int:
        raise TypeError("object of type 'IHostMemory' has no len()")

    @property
    def nbytes(self) -> int:
        return memoryview(self).nbytes

    @property
    def dtype(self) -> Any:
        return self._module.DataType.INT8

    def _begin(self, content: bytes) -> None:
        pass


class ILogger(Thing):
    """What users derive their loggers from."""

    def log(self, severity: Any, msg: str) -> None:
        raise NotImplementedError("Tried to call pure virtual function ILogger::log")


class Logger(Thing):
    """TensorRT's own logger, which writes to stderr."""

    def _begin(self, min_severity: Any = None) -> None:
        severity = self._module.ILogger.Severity
        self._least = min_severity or severity.WARNING

    def log(self, severity: Any, msg: str) -> None:
        if severity.value <= self._least.value:
            sys.stderr.write(f"[TRT] [{severity.name[0]}] {msg}\n")


class ProgressMonitor(Thing):
    """What users derive their monitors from."""

    def phase_start(self, phase_name: str, parent_phase: str, num_steps: int) -> None: ...

    def step_complete(self, phase_name: str, step: int) -> bool:
        return True

    def phase_finish(self, phase_name: str) -> None: ...


class OutputAllocator(Thing):
    """What users derive their allocators from; its bindings list none of the callbacks."""


class Tensor(Thing):
    """An input or output of a network."""

    def _begin(self, name: str, dtype: str, shape: tuple[int, ...]) -> None:
        self._described = (name, dtype, shape)

    @property
    def name(self) -> str:
        return self._described[0]

    @property
    def dtype(self) -> Any:
        return self._module.DataType[self._described[1]]

    @property
    def shape(self) -> Any:
        return self._space.make("Dims", self._described[2])


class ParserError(Thing):
    """Why a model was not parsed."""

    def _begin(self, code: str, text: str, node: int, operator: str) -> None:
        self._told = (code, text, node, operator)

    def code(self) -> Any:
        return self._module.ErrorCode[self._told[0]]

    def desc(self) -> str:
        return self._told[1]

    def node(self) -> int:
        return self._told[2]

    def node_name(self) -> str:
        return f"node_{self._told[2]}" if self._told[3] else ""

    def node_operator(self) -> str:
        return self._told[3]

    def file(self) -> str:
        return "ModelImporter.cpp"

    def func(self) -> str:
        return "parseNode"

    def line(self) -> int:
        return 1
