"""The detectors that gleancam is compared with, as their own projects would run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import cv2
import numpy as np
import scenedetect
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector, ContentDetector
from scenedetect.scene_manager import compute_downscale_factor

from gleancam_engines.planes import Planes, UInt8Array

MIN_SCENE_FRAMES = 5
"""PySceneDetect's own default, 15, would hide the shots of half a second."""

_FPS = 25.0
_FOREGROUND = 255
"""What MOG2 calls foreground; 127 is shadow."""


def versions() -> str:
    """Say what was compared with."""
    return f"OpenCV {cv2.__version__}, PySceneDetect {scenedetect.__version__}"


def bgr(planes: Planes) -> UInt8Array:
    """Return `(H, W, 3)` uint8 in BGR order, as OpenCV decodes; H and W must be even."""
    rows = np.concatenate([planes.y.ravel(), planes.u.ravel(), planes.v.ravel()])
    packed = rows.reshape(planes.height * 3 // 2, planes.width)
    return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420), np.uint8)


def downscaled(picture: UInt8Array) -> UInt8Array:
    """Scale as PySceneDetect's SceneManager does by default."""
    height, width = picture.shape[:2]
    factor = compute_downscale_factor(width)
    if factor <= 1:
        return picture
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)


class Detector:
    """One of PySceneDetect's detectors with its default thresholds.

    Attributes:
        cuts: first frames of new scenes.
    """

    def __init__(self, kind: Literal["content", "adaptive"]) -> None:
        make = ContentDetector if kind == "content" else AdaptiveDetector
        self._detector: Any = make(min_scene_len=MIN_SCENE_FRAMES)
        self.cuts: list[int] = []

    def look(self, frame: int, picture: UInt8Array) -> None:
        """Show the next frame, downscaled BGR."""
        found = self._detector.process_frame(FrameTimecode(frame, _FPS), picture)
        self.cuts.extend(int(cut.frame_num) for cut in found)


def foreground_share() -> Callable[[UInt8Array], float]:
    """Return OpenCV's MOG2 with its defaults: picture in, share of foreground pixels out."""
    subtractor = cv2.createBackgroundSubtractorMOG2()
    return lambda picture: float((subtractor.apply(picture) == _FOREGROUND).mean())
