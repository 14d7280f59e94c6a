"""From a GStreamer buffer to planes: strides removed, odd sizes right, colorimetry read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gleancam.errors import SourceError
from gleancam.sources._gst import gst, gst_video
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range, UInt8Array

I420_CAPS = "video/x-raw,format=I420"
HD_LINES = 720


@contextmanager
def borrowed_planes(sample: Any) -> Iterator[Planes]:
    """Give views of an I420 sample's planes, valid until the block ends.

    The views have strides; `owned` copies them. Unmapping under a live view leaves it dangling,
    so none may outlive the block.

    Raises:
        SourceError: the buffer cannot be mapped, or is smaller than its caps say.
    """
    buffer = sample.get_buffer()
    mapped, info = buffer.map(gst().MapFlags.READ)
    if not mapped:
        raise SourceError("corrupt", "a decoded picture cannot be read from memory")
    try:
        yield _views(sample.get_caps(), buffer, info.data)
    finally:
        buffer.unmap(info)


def owned(planes: Planes) -> Planes:
    """Copy planes without stride padding; the copy is writable."""
    return Planes(planes.y.copy(), planes.u.copy(), planes.v.copy(), planes.colorimetry)


def _views(caps: Any, buffer: Any, data: memoryview) -> Planes:
    info = gst_video().VideoInfo.new_from_caps(caps)
    layout = gst_video().buffer_get_video_meta(buffer) or info
    height, width = info.height, info.width
    shapes = ((height, width), *[((height + 1) // 2, (width + 1) // 2)] * 2)
    y, u, v = (
        _view(data, shape, layout.offset[index], layout.stride[index])
        for index, shape in enumerate(shapes)
    )
    return Planes(y, u, v, colorimetry(caps))


def _view(data: memoryview, shape: tuple[int, int], offset: int, stride: int) -> UInt8Array:
    try:
        view: UInt8Array = np.ndarray(shape, np.uint8, data, offset, (stride, 1))
    except (TypeError, ValueError) as error:
        raise SourceError("corrupt", f"a decoded picture is smaller than {shape}") from error
    return view


def colorimetry(caps: Any) -> Colorimetry:
    """Read matrix and range from caps.

    What the stream does not say is BT.709 from 720 lines on and BT.601 below, limited range.
    """
    structure = caps.get_structure(0)
    height = structure.get_int("height")[1]
    default = Matrix.BT709 if height >= HD_LINES else Matrix.BT601
    told = gst_video().VideoColorimetry()
    if not told.from_string(structure.get_string("colorimetry") or ""):
        return Colorimetry(default, Range.LIMITED)
    return Colorimetry(_matrix(told, default), _range(told))


def _matrix(told: Any, default: Matrix) -> Matrix:
    matrices = gst_video().VideoColorMatrix
    if told.matrix in {matrices.BT601, matrices.FCC, matrices.SMPTE240M}:
        return Matrix.BT601
    return Matrix.BT709 if told.matrix == matrices.BT709 else default


def _range(told: Any) -> Range:
    # The member is called `0_255`, which is no Python name.
    full = told.range.value_nick == "0-255"
    return Range.FULL if full else Range.LIMITED
