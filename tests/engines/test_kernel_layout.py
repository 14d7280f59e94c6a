"""The numpy structures are those of the source, which the compiler holds to its own numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from gleancam_engines.errors import TensorError
from gleancam_engines.kernels.build import SOURCE
from gleancam_engines.kernels.launch import BLOCK, TILE, function_name, grid
from gleancam_engines.kernels.layout import FRAME, PARAMS, PLANE, describe, parameters
from gleancam_engines.kernels.memory import PlaneMemory, i420, i420_bytes, nv12
from gleancam_engines.manifest import Preprocess
from made_planes import HD, noise

TEXT = SOURCE.read_text(encoding="utf-8")
STRUCTURES: dict[str, np.dtype[Any]] = {"Plane": PLANE, "FrameParams": FRAME, "Params": PARAMS}
SPEC = Preprocess(224, 224, "crop")


def test_sizes() -> None:
    asserted = dict(re.findall(r"static_assert\(sizeof\((\w+)\) == (\d+)", TEXT))
    assert asserted == {name: str(dtype.itemsize) for name, dtype in STRUCTURES.items()}


def test_offsets_of_every_field() -> None:
    pattern = r"^OFFSET\((\w+), (\w+), (\d+)\);"
    found = re.findall(pattern, TEXT, re.MULTILINE)
    asserted = {(name, field, int(at)) for name, field, at in found}
    assert asserted == {
        (name, field, at)
        for name, dtype in STRUCTURES.items()
        for field, (_, at, *_) in (dtype.fields or {}).items()
    }


def test_types_of_every_field() -> None:
    kinds = {"int": "<i4", "float": "<f4", "double": "<f8", "const unsigned char*": "<u8"}
    for name, dtype in STRUCTURES.items():
        body = re.search(rf"struct {name} {{(.*?)}};", TEXT, re.DOTALL)
        assert body, name
        declared = re.findall(r"^  ([\w *]+?) (\w+)((?:\[\d\])*);", body[1], re.MULTILINE)
        assert [field for _, field, _ in declared] == list(dtype.names or ())
        for kind, field, shape in declared:
            wanted = PLANE if kind == "Plane" else np.dtype(kinds[kind])
            assert dtype[field].base == wanted, field
            assert dtype[field].shape == tuple(map(int, re.findall(r"\d", shape))), field


def test_blocks_and_tiles() -> None:
    constants = dict(re.findall(r"constexpr int (\w+) = (\d+);", TEXT))
    assert (int(constants["COLUMNS"]), int(constants["ROWS"])) == TILE
    assert (int(constants["THREADS"]), 1, 1) == BLOCK


def test_functions() -> None:
    written = set(re.findall(r"^    (preprocess_\w+)\(", TEXT, re.MULTILINE))
    whole = Preprocess(8, 8, "squash", divisor=1.0, dtype="uint8")
    assert written == {
        function_name(SPEC, np.dtype(np.float32)),
        function_name(SPEC, np.dtype(np.float16)),
        function_name(whole, np.dtype(np.uint8)),
    }


@pytest.mark.parametrize("dtype", [np.uint8, np.float64, np.int32])
def test_a_type_that_no_function_writes(dtype: type[np.generic]) -> None:
    with pytest.raises(TensorError, match=f"no {np.dtype(dtype).name} input"):
        function_name(SPEC, np.dtype(dtype))


def test_a_launch_covers_the_tensor() -> None:
    assert grid(Preprocess(33, 64, "squash"), 5) == ((2, 3, 5), (256, 1, 1))
    assert grid(Preprocess(1, 1, "squash"), 1)[0] == (1, 1, 1)


@pytest.mark.parametrize("frames", [0, -1, 65536])
def test_a_launch_has_frames_and_not_too_many(frames: int) -> None:
    with pytest.raises(ValueError, match=f"but got {frames}"):
        grid(SPEC, frames)


def test_planes_of_an_odd_frame_lie_one_after_the_other() -> None:
    memory = i420(noise(5, 7), 1000)
    assert [plane.address for plane in memory.planes] == [1000, 1035, 1047]
    assert [plane.stride_bytes for plane in memory.planes] == [7, 4, 4]
    assert i420_bytes(7, 5) == 35 + 2 * 12


def test_nv12_takes_turns() -> None:
    frame = nv12((7, 5), HD, PlaneMemory(1000, 64), PlaneMemory(2000, 64))
    row = describe([frame], SPEC)[0]["planes"]
    assert row["data"].tolist() == [1000, 2000, 2001]
    assert row["stride"].tolist() == [64, 64, 64]
    assert row["step"].tolist() == [1, 2, 2]
    assert row["width"].tolist() == [7, 4, 4]
    assert row["height"].tolist() == [5, 3, 3]


def test_parameters_normalise() -> None:
    spec = Preprocess(4, 6, "letterbox", mean=(0.5, 0.25, 0.0), std=(0.5, 1.0, 2.0), pad=3)
    params = parameters(spec)
    assert params.shape == ()
    np.testing.assert_allclose(255 * params["gain"] - params["shift"], [1.0, 0.75, 0.5], atol=1e-6)
    assert params["pad"] == 3
