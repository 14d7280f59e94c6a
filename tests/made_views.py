"""A place with texture at every scale, and a camera that can be knocked, blurred or covered."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from gleancam.config.keys import FileCamera
from gleancam.health.watch import CameraHealth
from gleancam.types import Frame
from gleancam_engines.planes import Planes, UInt8Array
from made_frames import COLORIMETRY, SECOND_NS

SIZE = (180, 320)
CAMERA = FileCamera(id="gate", path="x")


@cache
def place(seed: int = 0) -> UInt8Array:
    """Rectangles of all sizes and shades, larger than what a camera sees: `(300, 480)`."""
    rng = np.random.default_rng(seed)
    y = np.full((300, 480), 110, np.uint8)
    for size in np.geomspace(120, 6, 400):
        row, column = rng.integers(0, 300), rng.integers(0, 480)
        rows, columns = (max(2, int(size * rng.uniform(0.3, 1))) for _ in "yx")
        y[row : row + rows, column : column + columns] = rng.integers(40, 200)
    y.setflags(write=False)
    return y


def seen(
    *, right: float = 0, down: float = 0, turn_deg: float = 0, zoom: float = 1, seed: int = 0
) -> UInt8Array:
    """What a camera sees, displaced by shares of its picture: `SIZE` uint8."""
    rows, columns = SIZE
    cosine, sine = np.cos(np.radians(turn_deg)) / zoom, np.sin(np.radians(turn_deg)) / zoom
    middle = 240 + right * columns, 150 + down * rows
    affine = (
        cosine,
        sine,
        middle[0] - cosine * columns / 2 - sine * rows / 2,
        -sine,
        cosine,
        middle[1] + sine * columns / 2 - cosine * rows / 2,
    )
    image = Image.fromarray(place(seed))
    size = (columns, rows)
    return np.asarray(
        image.transform(size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
    )


def blurred(y: UInt8Array, radius: float) -> UInt8Array:
    return np.asarray(Image.fromarray(y).filter(ImageFilter.GaussianBlur(radius)))


def dimmed(y: UInt8Array, gain: float | npt.NDArray[np.float64]) -> UInt8Array:
    lit = 16 + gain * (y.astype(np.float64) - 16)
    return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)


def noisy(y: UInt8Array, seed: int) -> UInt8Array:
    noise = np.random.default_rng(seed).normal(0, 2, y.shape)
    return np.asarray(np.clip(y + noise, 0, 255), dtype=np.uint8)


class Camera:
    """A camera whose pictures are looked at, `fps` a second, each with noise of its own."""

    def __init__(self, fps: float = 2, camera: FileCamera = CAMERA) -> None:
        self._health = CameraHealth(camera)
        self._fps = fps
        self._count = 0

    def shows(self, y: UInt8Array, seconds: float, *, frozen: bool = False) -> list[str]:
        """Show one picture for a while; the conditions that hold then."""
        conditions: tuple[str, ...] = ()
        for _ in range(round(seconds * self._fps)):
            conditions = self._look(y if frozen else noisy(y, self._count))
        return list(conditions)

    def _look(self, y: UInt8Array) -> tuple[str, ...]:
        half = np.full(((y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2), 128, np.uint8)
        planes = Planes(y.copy(), half, half.copy(), COLORIMETRY).read_only()
        at_ns = round(self._count / self._fps * SECOND_NS)
        self._count += 1
        return self._health.look(Frame("gate", self._count, at_ns, at_ns, planes))
