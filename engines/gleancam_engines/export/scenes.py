"""Made pictures, for checking preprocessing where no photographs are given.

Noise whose power falls with the square of the frequency, as that of natural scenes does (Field,
1987, "Relations between the statistics of natural images and the response properties of cortical
cells"), with hard edges on top.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import JPEG_COLORIMETRY, Planes, UInt8Array

SIZES = ((720, 1280), (1080, 1920), (480, 640), (641, 427))
"""(height, width): of cameras, and a portrait with odd sides."""


def made_scenes() -> tuple[Planes, ...]:
    """Return one picture of each size, the same ones every time."""
    return tuple(_scene(height, width, seed) for seed, (height, width) in enumerate(SIZES))


def _scene(height: int, width: int, seed: int) -> Planes:
    rng = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    y = _noise(rng, (height, width), spread=45)
    u, v = (_noise(rng, half, spread=10) for _ in range(2))
    for _ in range(6):
        top, left = rng.integers(0, half[0]), rng.integers(0, half[1])
        rows, columns = rng.integers(2, half[0] // 2 + 3), rng.integers(2, half[1] // 2 + 3)
        here = (slice(top, top + rows), slice(left, left + columns))
        y[2 * top : 2 * (top + rows), 2 * left : 2 * (left + columns)] = rng.integers(20, 236)
        u[here], v[here] = rng.integers(108, 149, 2)
    return Planes(y, u, v, JPEG_COLORIMETRY).read_only()


def _noise(rng: np.random.Generator, shape: tuple[int, int], spread: float) -> UInt8Array:
    """Return `shape` uint8 around 128 with the given standard deviation."""
    down, across = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    frequency = np.hypot(down, across)
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) / frequency
    field = np.fft.irfft2(spectrum, shape)
    levels: npt.NDArray[np.float64] = np.rint(128 + field * (spread / field.std()))
    return np.clip(levels, 0, 255).astype(np.uint8)
