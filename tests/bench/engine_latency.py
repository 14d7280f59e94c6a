"""Our engines against the bare runtimes in a loop, call by call in turn: the ratio is what counts.

    .venv/bin/python tests/bench/engine_latency.py [--models DIR] [--calls N] [--threads N]

Both are given the same tensor, the same number of threads and the same options; what differs is
what our engines do besides: checks of names, shapes, dtypes and of the results' finiteness.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Engine
from gleancam_engines.loading import open_engine
from gleancam_engines.onnxruntime_ import OnnxRuntimeEngine
from gleancam_engines.opening import Backend, Opening
from gleancam_engines.openvino_ import _core, _options

Tensors: TypeAlias = dict[str, npt.NDArray[Any]]
Call: TypeAlias = Callable[[], object]

BACKENDS: tuple[Backend, ...] = ("onnxruntime", "openvino")


def main() -> None:
    """Print a line for each model and backend."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path(".cache/models"))
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    for name in ("tiny-vit-5m", "yolox-nano"):
        for backend in BACKENDS:
            print(line(args.models / name, backend, args.threads, args.calls))


def line(directory: Path, backend: Backend, threads: int, calls: int) -> str:
    engine = open_engine(directory, Opening(backend=backend, threads=threads))
    (spec,) = engine.inputs
    shape = tuple(max(side, 1) for side in spec.shape)
    tensors = {spec.name: np.random.default_rng(1).random(shape, np.float32)}
    ours, bare = timed(
        (lambda: engine.infer(tensors), bare_call(engine, directory, tensors, threads)), calls
    )
    ratio = statistics.median(mine / other for mine, other in zip(ours, bare, strict=True))
    return (
        f"{directory.name:12} {backend:12} ours {1e3 * statistics.median(ours):6.2f} ms   "
        f"bare {1e3 * statistics.median(bare):6.2f} ms   median of paired ratios {ratio:.3f}"
    )


def bare_call(engine: Engine, directory: Path, tensors: Tensors, threads: int) -> Call:
    (file,) = directory.glob("*.onnx")
    if isinstance(engine, OnnxRuntimeEngine):
        return bare_onnxruntime(file, tensors, threads)
    return bare_openvino(file, tensors, threads)


def bare_onnxruntime(file: Path, tensors: Tensors, threads: int) -> Call:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, tensors)


def bare_openvino(file: Path, tensors: Tensors, threads: int) -> Call:
    core = _core()
    request = core.compile_model(file, "CPU", _options(threads, "fp32")).create_infer_request()
    return lambda: request.infer(tensors)


def timed(calls: tuple[Call, Call], count: int) -> Iterator[list[float]]:
    """Give the seconds of both, each called in turn, and in the other order every second time."""
    taken: tuple[list[float], list[float]] = ([], [])
    for at in range(-5, count):
        for which in (0, 1) if at % 2 else (1, 0):
            start = time.perf_counter()
            calls[which]()
            if at >= 0:
                taken[which].append(time.perf_counter() - start)
    yield from taken


if __name__ == "__main__":
    main()
