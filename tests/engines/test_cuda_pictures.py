"""Frames preprocessed on the (simulated) GPU, by the real kernel as g++ compiles it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from failing_calls import CALLS, KERNEL_CALLS, FailingRecording
from gleancam_engines.cuda.context import primary_context
from gleancam_engines.cuda.staging import Staging
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.errors import DeviceError, DeviceMemoryError, TensorError
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import Manifest, Preprocess, load
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.preprocess import preprocess
from gpu_rig import compile_here, on_gpu, simulated_gpu
from made_models import manifest_text, projection, write_model
from made_planes import COLORIMETRIES, flat, from_rgb, scenery
from standins.machine import Machine

BATCHES = (1, 4)
SIDE = 96
SQUASH = Preprocess(height=SIDE, width=SIDE, mode="squash")
SPECS = {
    "squash": SQUASH,
    "crop": msgspec.structs.replace(SQUASH, mode="crop", mean=(0.5, 0.4, 0.3), std=(0.2,) * 3),
    "letterbox": msgspec.structs.replace(SQUASH, mode="letterbox", colour="bgr", divisor=1.0),
    "nhwc": msgspec.structs.replace(SQUASH, layout="nhwc", anchor="centre", mode="letterbox"),
    "bytes": msgspec.structs.replace(SQUASH, divisor=1.0, dtype="uint8"),
}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with simulated_gpu(monkeypatch) as simulated:
        yield simulated


def mirror(folder: Path, spec: Preprocess) -> tuple[Path, Manifest]:
    """Make a model that gives back its input."""
    kind = TensorProto.UINT8 if spec.dtype == "uint8" else TensorProto.FLOAT
    sides = [3, SIDE, SIDE] if spec.layout == "nchw" else [SIDE, SIDE, 3]
    image, embedding = (
        helper.make_tensor_value_info(name, kind, ["batch", *sides])
        for name in ("image", "embedding")
    )
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["embedding"])], "mirror", [image], [embedding]
    )
    opset = helper.make_opsetid("", 17)
    content = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()
    directory = write_model(folder / "mirror", content)
    head = manifest_text(content).partition("[preprocess]")[0]
    head = re.sub("shape = .*", f"shape = {[-1, *sides]}", head).replace("float32", spec.dtype)
    # What msgspec writes as JSON is TOML too, line by line.
    wanted = (f"{key} = {json.dumps(value)}" for key, value in msgspec.to_builtins(spec).items())
    text = "\n".join([head, "[preprocess]", *wanted])
    (directory / "manifest.toml").write_text(text, encoding="utf-8")
    return directory, load(directory)


def opened(folder: Path, spec: Preprocess = SQUASH) -> Pictures:
    directory, manifest = mirror(folder, spec)
    compile_here(directory, batches=BATCHES)
    return open_pictures(directory, manifest, on_gpu(batches=BATCHES))


def frames() -> list[Planes]:
    sizes = ((240, 320), (96, 96), (181, 97), (64, 500))
    return [from_rgb(scenery(*size, seed=at), COLORIMETRIES[at]) for at, size in enumerate(sizes)]


@pytest.mark.parametrize("name", SPECS)
def test_makes_the_input_that_the_cpu_makes(machine: Machine, tmp_path: Path, name: str) -> None:
    spec = SPECS[name]
    pictures = opened(tmp_path, spec)
    have = pictures.infer(frames())["embedding"].astype(np.float64)
    want = preprocess(frames(), spec).astype(np.float64)
    pixel = spec.divisor * np.array(spec.std[::-1] if spec.colour == "bgr" else spec.std)
    shape = (1, 3, 1, 1) if spec.layout == "nchw" else (3,)
    pictures.close()
    assert (np.abs(have - want) * pixel.reshape(shape)).mean() <= 0.5
    assert not machine.stack


def test_one_copy_and_one_launch_a_batch(machine: Machine, tmp_path: Path) -> None:
    pictures = opened(tmp_path)
    pictures.infer(frames())
    machine.recording.clear()
    pictures.infer(frames())
    names = [name for name in machine.recording.names if "get_tensor_shape" not in name]
    (launch,) = machine.recording.of("Function.__call__")
    pictures.close()
    assert launch.arguments["grid"] == (3, 6, 4)
    assert names == [
        "Context.push",
        "memcpy_htod_async",
        "Function.__call__",
        "IExecutionContext.execute_async_v3",
        "memcpy_dtoh_async",
        "Event.record",
        "Event.synchronize",
        "Context.pop",
    ]


def test_the_picture_itself_is_never_copied(machine: Machine, tmp_path: Path) -> None:
    pictures = opened(tmp_path)
    before = machine.device.used_bytes
    frame = frames()[0]
    pictures.infer([frame])
    planes = frame.y.size + frame.u.size + frame.v.size
    assert planes < machine.device.used_bytes - before < planes + 1024
    pictures.close()


def test_staging_grows_only_when_it_must(machine: Machine, tmp_path: Path) -> None:
    pictures = opened(tmp_path)
    small, large = frames()[1:2], frames()
    sizes = []
    for batch in (small, large, small, large, large[:1]):
        pictures.infer(batch)
        sizes.append(machine.device.used_bytes)
    pictures.close()
    assert sizes[0] < sizes[1]
    assert set(sizes[1:]) == {sizes[1]}
    assert machine.device.used_bytes == machine.pinned.used_bytes == 0


def test_staging_is_bounded(machine: Machine) -> None:
    frame = flat(64, 64, (16, 128, 128), COLORIMETRIES[0])
    context = primary_context()
    with context.current("test"):
        staging, stream = Staging(context.driver, 1 << 14), Stream(context.driver)
        staging.upload([frame] * 2, SQUASH, stream)
        with pytest.raises(TensorError, match=r"at most 0 are staged.*smaller frames"):
            staging.upload([frame] * 3, SQUASH, stream)
        stream.wait()
        staging.free()
        stream.free()
    assert not machine.stack


def test_refuses_no_frames_and_too_many(machine: Machine, tmp_path: Path) -> None:
    pictures = opened(tmp_path)
    for batch in ([], frames() * 2):
        with pytest.raises(TensorError, match="takes batches of 1 to 4"):
            pictures.infer(batch)
    assert not machine.recording.of("Function.__call__")
    pictures.close()


def test_what_the_kernel_cannot_make_is_refused_at_opening(
    machine: Machine, tmp_path: Path
) -> None:
    directory, manifest = mirror(tmp_path, SQUASH)
    other = msgspec.structs.replace(manifest, preprocess=SPECS["bytes"])
    compile_here(directory)
    with pytest.raises(TensorError, match=r"no float32 input where .* dtype 'uint8'"):
        open_pictures(directory, other, on_gpu())
    machine.check()


def test_kernels_of_another_device_are_refused_at_opening(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        kind = sys.modules["pycuda.driver"].RuntimeError
        raise kind("cuModuleLoadDataEx failed: no kernel image is available for execution")

    monkeypatch.setattr(sys.modules["pycuda.driver"], "module_from_buffer", refuse)
    with pytest.raises(DeviceError, match=r"load the preprocessing of .* no kernel image"):
        opened(tmp_path)
    machine.check()


CLOSING = 2
"""Pushes of the context by `close`."""


def test_a_failure_of_any_call_is_named_and_leaves_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    directory = write_model(tmp_path / "projection", projection())
    compile_here(directory, batches=BATCHES)

    def use() -> None:
        pictures = open_pictures(directory, load(directory), on_gpu(batches=BATCHES))
        try:
            pictures.infer(frames()[1:2])
            pictures.infer(frames())
        finally:
            pictures.close()

    machine.recording = FailingRecording()
    use()
    total = machine.recording.seen
    kinds = set()
    for at in range(total - CLOSING):
        machine.recording = FailingRecording(at=at)
        with pytest.raises(DeviceMemoryError, match=r"cannot (load|run) .* memory is used up"):
            use()
        kinds.add(machine.recording.failed)
        machine.check()
    assert kinds == CALLS | KERNEL_CALLS
