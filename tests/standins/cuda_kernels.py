"""`pycuda.driver`: modules and kernels; the kernel is `preprocess.cu`, compiled by g++."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from gleancam_engines.kernels import layout
from kernel_on_cpu import ONE_LANE, cpu_kernel
from standins.cuda_contexts import Owned
from standins.cuda_errors import fail
from standins.cuda_functions import queue_of
from standins.cuda_memory import DeviceAllocation
from standins.things import Thing

NAMES = ("preprocess_f32", "preprocess_f16", "preprocess_u8")
ARGUMENTS = f"P{layout.PARAMS.itemsize}sP"
"""As the kernels declare them: frames, parameters by value, tensor."""
MOST_THREADS = 1024


class Module(Owned):
    def _begin(self) -> None:
        self._own("cuModuleLoadDataEx")

    def get_function(self, name: str) -> Any:
        if name not in NAMES:
            fail(self._module, "cuModuleGetFunction", "named symbol not found")
        return self._space.make("Function", name, self)


class Function(Thing):
    """A kernel; it keeps its module alive, as the real one does."""

    def _begin(self, name: str, module: Module) -> None:
        self._name = name
        self._owner = module
        self._prepared = ""

    def __call__(
        self,
        *args: Any,
        grid: tuple[int, ...] = (1, 1),
        block: tuple[int, ...] | None = None,
        stream: Any = None,
        shared: int = 0,
    ) -> None:
        if block is None:
            raise ValueError("must specify block size")
        formats, values = zip(*(_packed(at, value) for at, value in enumerate(args)), strict=True)
        self._launch(grid, block, struct.pack("".join(formats), *values), stream)

    def prepare(self, arg_types: Sequence[Any], texrefs: Any = None) -> Any:
        self._prepared = "".join(_format(kind) for kind in arg_types)
        return self

    def prepared_async_call(
        self, grid: tuple[int, ...], block: tuple[int, ...], stream: Any, *args: Any
    ) -> None:
        self._launch(grid, block, struct.pack(self._prepared, *args), stream)

    def prepared_call(self, grid: tuple[int, ...], block: tuple[int, ...], *args: Any) -> None:
        self._launch(grid, block, struct.pack(self._prepared, *args), None)

    def _launch(
        self, grid: tuple[int, ...], block: tuple[int, ...], raw: bytes, stream: Any
    ) -> None:
        queue = queue_of(self._space, stream, "cuLaunchKernel")
        assert all(type(size) is int for size in (*grid, *block)), "Boost.Python takes only int"
        if not 0 < int(np.prod(block)) <= MOST_THREADS or min(grid) < 1:
            fail(self._module, "cuLaunchKernel", "invalid argument")
        assert len(raw) == struct.calcsize(ARGUMENTS), f"{self._name} gets other arguments"
        blocks = (*grid, 1, 1)[:3]
        if queue is None:
            self._run(blocks, raw)
        else:
            queue.submit(lambda: self._run(blocks, raw))

    def _run(self, blocks: tuple[int, ...], raw: bytes) -> None:
        frames, packed, out = struct.unpack(ARGUMENTS, raw)
        described = self._machine.device.at(frames, layout.FRAME.itemsize * blocks[2])
        for frame in described.view(layout.FRAME):
            for plane in frame["planes"]:
                self._machine.device.at(int(plane["data"]), _extent(plane))
        self._machine.device.at(out, 1)
        params = np.frombuffer(packed, layout.PARAMS)[0]
        cpu_kernel().launch(
            self._name,
            (frames, np.asarray(params), out),
            ((*blocks,), ONE_LANE),  # type: ignore[arg-type]
        )


def _extent(plane: Any) -> int:
    """Return how many bytes a plane spans from its first sample to its last."""
    rows, columns = int(plane["height"]) - 1, int(plane["width"]) - 1
    return rows * int(plane["stride"]) + columns * int(plane["step"]) + 1


def _packed(at: int, value: Any) -> tuple[str, Any]:
    """Return format and value of an argument, by the rules of pycuda's `_build_arg_buf`."""
    if isinstance(value, np.number):
        return value.dtype.char, value
    if isinstance(value, DeviceAllocation):
        return "P", int(value)
    if isinstance(value, (np.ndarray, np.void)):
        return f"{value.nbytes}s", value.tobytes()
    raise TypeError(f"invalid type on parameter #{at} (0-based)")


def _format(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, np.number):
        return np.dtype(kind).char
    if isinstance(kind, np.dtype):
        return f"{kind.itemsize}s" if kind.char == "V" else kind.char
    return kind if isinstance(kind, str) else np.dtype(np.uintp).char
