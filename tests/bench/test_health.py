"""Conditions on real footage: none where nothing is wrong, soon where something was made so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gleancam.config.keys import FileCamera
from gleancam.health.watch import CameraHealth
from gleancam.replay import Sampling
from gleancam.sources.video import VideoFrame, read_video
from gleancam.types import Frame
from gleancam_engines.planes import Planes, UInt8Array

pytestmark = [pytest.mark.evaluation, pytest.mark.timeout(300)]

FIXED = (
    "videos/vtest.avi",
    "videos/mot15_TUD-Campus.mp4",
    "videos/iot_one-by-one-person-detection.mp4",
    "videos/bgs_video.avi",
    "videos/bgs_video03.avi",
    "videos/vfr_highway_drop.mp4",
    "videos/az_shelf.mp4",
    "videos/otv_Testvideo_Cars-Cyclist_FR20_2020-01-01_00-00-00.mp4",
    "videos/otv_Testvideo_Cars-Truck_FR20_2020-01-01_00-00-00.mp4",
    "composites/cctv_day_public.mp4",
)
AT_S = {FIXED[0]: 6.0, FIXED[2]: 6.0, FIXED[4]: 18.0, FIXED[6]: 6.0}
"""When each is changed: a view full of traffic takes longer to learn."""
MADE_OF = tuple(AT_S)
LASTING_S = 6.5
PART = 0.75
"""A camera that can be knocked sees this share of the footage's width and height."""

Change = Callable[[UInt8Array], UInt8Array]


def scaled(gain: float, offset: float) -> Change:
    return lambda y: np.clip(gain * (y - 16.0) + 16 + offset, 0, 255).astype(np.uint8)


def blur(radius: float) -> Change:
    return lambda y: np.asarray(Image.fromarray(y).filter(ImageFilter.GaussianBlur(radius)))


def view(
    right: float = 0, down: float = 0, turn_deg: float = 0, zoom: float = 1
) -> Callable[[UInt8Array], UInt8Array]:
    """A part of the footage, displaced by shares of itself.

    Half as fine as the footage, so that resampling softens nothing.
    """

    def looked(y: UInt8Array) -> UInt8Array:
        rows, columns = (int(PART * size) for size in y.shape)
        turn = np.array(
            [
                [np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))],
                [-np.sin(np.radians(turn_deg)), np.cos(np.radians(turn_deg))],
            ]
        )
        middle = np.array([y.shape[1] / 2 + right * columns, y.shape[0] / 2 + down * rows])
        start = middle - turn / zoom @ np.array([columns / 2, rows / 2])
        affine = np.column_stack([2 * turn / zoom, start]).ravel().tolist()
        image = Image.fromarray(y).transform(
            (columns // 2, rows // 2), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
        )
        return np.asarray(image)

    return looked


def same(y: UInt8Array) -> UInt8Array:
    return y


CHANGES: dict[str, tuple[str, Change, Change]] = {
    "near-black": ("dark", same, scaled(0.03, 0)),
    "white": ("overexposed", same, scaled(2.5, 80)),
    "a grey cloth": ("covered", same, scaled(0.03, 40)),
    "a little out of focus": ("blurred", same, blur(1.5)),
    "far out of focus": ("blurred", same, blur(6)),
    "knocked aside": ("moved", view(), view(right=0.06, down=-0.02)),
    "knocked far": ("moved", view(), view(right=-0.16)),
    "knocked up": ("moved", view(), view(down=0.1)),
    "turned": ("moved", view(), view(turn_deg=10)),
    "zoomed": ("moved", view(), view(zoom=1.2)),
}


def changed(video: Path, before: Change, after: Change) -> Iterator[VideoFrame]:
    """The first seconds of a video, in one way before its `AT_S` and in another from then on."""
    at_s = AT_S[f"videos/{video.name}"]
    frames = read_video(video)
    for each in takewhile(lambda frame: frame.t_s < at_s + LASTING_S, frames):
        y = (before if each.t_s < at_s else after)(each.planes.y)
        half = np.full(((y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2), 128, np.uint8)
        planes = Planes(y, half, half, each.planes.colorimetry)
        yield VideoFrame(each.index, each.t_s, planes)
    frames.close()


def conditions(frames: Iterator[VideoFrame], fps: float | None) -> list[tuple[float, str]]:
    """Every condition at every time at which it held."""
    health, sampling = CameraHealth(FileCamera(id="any", path="x")), Sampling(fps)
    held: list[tuple[float, str]] = []
    for each in frames:
        if sampling.takes(each.t_s):
            at_ns = round(each.t_s * 1e9)
            frame = Frame("any", each.index, at_ns, at_ns, each.planes)
            held.extend((each.t_s, condition) for condition in health.look(frame))
    return held


@pytest.mark.parametrize("fps", [None, 1.0])
@pytest.mark.parametrize("video", FIXED)
def test_fixed_cameras_have_no_condition(
    video: str, fps: float | None, evaluation_data: Path
) -> None:
    assert conditions(read_video(evaluation_data / video), fps) == []


@pytest.mark.parametrize("fps", [5.0, 1.0])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("video", MADE_OF)
def test_a_change_is_told_within_two_seconds_or_three_frames(
    video: str, change: str, fps: float, evaluation_data: Path
) -> None:
    condition, before, after = CHANGES[change]
    held = conditions(changed(evaluation_data / video, before, after), fps)
    assert {what for _, what in held} == {condition}
    assert 0 <= held[0][0] - AT_S[video] < max(2.0, 3 / fps)


@pytest.mark.parametrize("fps", [5.0, 1.0])
@pytest.mark.parametrize("video", MADE_OF)
def test_a_frozen_picture_is_told_after_five_seconds(
    video: str, fps: float, evaluation_data: Path
) -> None:
    last: list[UInt8Array] = []

    def freeze(y: UInt8Array) -> UInt8Array:
        last.append(y)
        return last[0]

    held = conditions(changed(evaluation_data / video, same, freeze), fps)
    assert {what for _, what in held} == {"frozen"}
    assert 5 <= held[0][0] - AT_S[video] < 6.1
