"""What goes into the kernel and what comes out: memory formats, batches, element types, layouts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gleancam_engines.kernels.memory import FrameMemory, PlaneMemory, i420, i420_bytes, nv12
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes
from gleancam_engines.preprocess import preprocess
from kernel_on_cpu import cpu_kernel, on_cpu, planar, run
from made_planes import COLORIMETRIES, noise

RAW = Preprocess(33, 50, "letterbox", divisor=1.0, anchor="centre")
IMAGENET = Preprocess(
    33, 50, "letterbox", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), anchor="centre"
)
WHOLE = Preprocess(33, 50, "letterbox", divisor=1.0, dtype="uint8")
SIZES = [(1, 1), (2, 2), (3, 5), (64, 64), (97, 131)]


class Interleaved:
    """The same picture as NV12, with rows longer than the picture, filled with something else."""

    def __init__(self, planes: Planes, spare: int) -> None:
        rows, columns = planes.u.shape
        self.luma = np.full((planes.height, planes.width + spare), 250, np.uint8)
        self.luma[:, : planes.width] = planes.y
        self.chroma = np.full((rows, 2 * columns + spare), 3, np.uint8)
        self.chroma[:, 0 : 2 * columns : 2] = planes.u
        self.chroma[:, 1 : 2 * columns : 2] = planes.v
        self.memory: FrameMemory = nv12(
            (planes.width, planes.height),
            planes.colorimetry,
            PlaneMemory(self.luma.ctypes.data, self.luma.strides[0]),
            PlaneMemory(self.chroma.ctypes.data, self.chroma.strides[0]),
        )


@pytest.mark.parametrize("spare", [0, 13])
@pytest.mark.parametrize("size", SIZES)
def test_nv12_is_the_same_picture_exactly(size: tuple[int, int], spare: int) -> None:
    planes = noise(*size)
    interleaved = Interleaved(planes, spare)
    np.testing.assert_array_equal(run([interleaved.memory], RAW), on_cpu([planes], RAW))


@pytest.mark.parametrize("size", SIZES)
def test_planes_one_after_the_other_are_the_same_picture_exactly(size: tuple[int, int]) -> None:
    planes = noise(*size)
    whole = np.concatenate([plane.ravel() for plane in (planes.y, planes.u, planes.v)])
    assert whole.size == i420_bytes(planes.width, planes.height)
    tensor = run([i420(planes, whole.ctypes.data)], RAW)
    np.testing.assert_array_equal(tensor, on_cpu([planes], RAW))


@pytest.mark.parametrize("spec", [RAW, IMAGENET, WHOLE], ids=["raw", "imagenet", "uint8"])
def test_a_batch_is_each_frame_alone_exactly(spec: Preprocess) -> None:
    frames = [
        noise(height, width, colorimetry, seed)
        for seed, ((height, width), colorimetry) in enumerate(
            zip([(40, 60), (33, 21), (1, 1), (90, 31)], COLORIMETRIES, strict=True)
        )
    ]
    together = on_cpu(frames, spec, spec.dtype)
    for row, frame in zip(together, frames, strict=True):
        np.testing.assert_array_equal(row, on_cpu([frame], spec, spec.dtype)[0])


def test_a_batch_may_mix_memory_formats() -> None:
    first, second = noise(40, 60), noise(33, 21, JPEG_COLORIMETRY, 1)
    interleaved = Interleaved(second, 5)
    mixed = run([planar(first), interleaved.memory], RAW)
    np.testing.assert_array_equal(mixed, on_cpu([first, second], RAW))


@pytest.mark.parametrize("size", SIZES)
def test_half_precision_is_single_precision_rounded(size: tuple[int, int]) -> None:
    planes = noise(*size)
    single = on_cpu([planes], IMAGENET)
    half = on_cpu([planes], IMAGENET, np.float16)
    np.testing.assert_array_equal(half, single.astype(np.float16))


@pytest.mark.parametrize("size", SIZES)
def test_whole_numbers_are_rounded_to_the_nearest(size: tuple[int, int]) -> None:
    planes = noise(*size)
    single = on_cpu([planes], Preprocess(33, 50, "letterbox", divisor=1.0))
    np.testing.assert_array_equal(on_cpu([planes], WHOLE, np.uint8), np.rint(single))


@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_nhwc_is_nchw_transposed(colour: str) -> None:
    planes = [noise(40, 60), noise(33, 21, JPEG_COLORIMETRY)]
    tensors = [
        on_cpu(
            planes,
            Preprocess(
                33,
                50,
                "crop",
                mean=(0.1, 0.2, 0.3),
                colour="rgb" if colour == "rgb" else "bgr",
                layout="nhwc" if last else "nchw",
            ),
        )
        for last in (True, False)
    ]
    np.testing.assert_array_equal(tensors[0], tensors[1].transpose(0, 2, 3, 1))


def test_shapes_and_types_are_those_of_the_other_implementation() -> None:
    spec = Preprocess(33, 50, "crop", divisor=1.0, layout="nhwc", dtype="uint8")
    ours, theirs = on_cpu([noise(9, 9)], spec, np.uint8), preprocess([noise(9, 9)], spec)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 1


def test_every_half_comes_back() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    numbers = halves[~np.isnan(halves)]
    np.testing.assert_array_equal(_bits(numbers.astype(np.float32)), numbers.view(np.uint16))


def test_between_two_halves_the_even_one() -> None:
    with np.errstate(over="ignore"):
        halves = np.arange(0x7C01, dtype=np.uint16).view(np.float16).astype(np.float32)
        middles = np.minimum((halves[:-1] + halves[1:]) / 2, 65520)
        nearby = np.concatenate([middles, np.nextafter(middles, 0), np.nextafter(middles, 1e9)])
        both = np.concatenate([nearby, -nearby]).astype(np.float32)
        expected = both.astype(np.float16).view(np.uint16)
    np.testing.assert_array_equal(_bits(both), expected)


@given(arrays(np.float32, 50, elements=st.floats(width=32, allow_nan=False)))
def test_any_number_is_numpys_half(values: npt.NDArray[np.float32]) -> None:
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).view(np.uint16)
    np.testing.assert_array_equal(_bits(values), expected)


def _bits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    return cpu_kernel().half(np.ascontiguousarray(values)).view(np.uint16)
