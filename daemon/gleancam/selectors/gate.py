"""The change gate: whether a frame differs enough from the last embedded one to be embedded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.config.selection_keys import Gate
from gleancam.selectors.luma import gain_matched, gain_matched_difference
from gleancam.selectors.noise import NoiseFloor
from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array

_ABOVE_NOISE = 2.0
"""How far above the sensor's own flicker a difference must lie."""

_PATCH = 4
_LOCAL = 5.0
"""Grey levels of mean difference in a patch: a person who fills a sixth of it makes as much."""


class ChangeGate:
    """Lets a frame pass when its thumbnail differs from that of the last frame that passed.

    The measure is the mean absolute difference after matching the gain, over the cells that are
    not ignored. The threshold is `min_difference` or, if larger, twice the noise between
    consecutive frames while nothing happens, which is learnt. Time is the frames' own.

    When regions are looked for, a frame passes as well, now and then, when a patch of four by four
    cells differs by as much as a small object makes it differ: the whole hardly notices one.

    Args:
        watched: `THUMBNAIL_SHAPE` bool, True where changes count.
        local_every_s: seconds since the last frame that passed from which a patch is enough; None
            for never.
    """

    def __init__(
        self,
        settings: Gate,
        watched: npt.NDArray[np.bool_],
        local_every_s: float | None = None,
    ) -> None:
        self._settings = settings
        self._local_every_s = local_every_s
        self._watched = watched if watched.any() else np.ones_like(watched)
        self._noise = NoiseFloor(ceiling=settings.min_difference)
        self._passed: Thumbnail | None = None
        self._previous: Float32Array | None = None

    @property
    def threshold(self) -> float:
        """The difference above which a frame passes now, in grey levels."""
        return max(self._settings.min_difference, _ABOVE_NOISE * self._noise.level)

    def passes(self, thumbnail: Thumbnail) -> bool:
        """Look at the next frame; True when it should be embedded."""
        self._learn_noise(thumbnail.luma)
        return not self._settings.enabled or self._differs(thumbnail)

    def embedded(self, thumbnail: Thumbnail) -> None:
        """Compare with this frame from now on."""
        self._passed = thumbnail

    def _differs(self, thumbnail: Thumbnail) -> bool:
        last = self._passed
        if last is None:
            return True
        gap_s = (thumbnail.mono_ns - last.mono_ns) / 1e9
        return (
            gap_s >= self._settings.max_gap_s
            or self._distance(thumbnail.luma, last.luma) > self.threshold
            or self._differs_locally(thumbnail.luma, last.luma, gap_s)
        )

    def _differs_locally(self, luma: Float32Array, last: Float32Array, gap_s: float) -> bool:
        if self._local_every_s is None or gap_s < self._local_every_s:
            return False
        difference = gain_matched_difference(luma, last, self._watched)
        patches = difference.reshape(
            difference.shape[0] // _PATCH, _PATCH, difference.shape[1] // _PATCH, _PATCH
        ).mean(axis=(1, 3))
        return bool(patches.max() > max(_LOCAL, _ABOVE_NOISE * self._noise.level))

    def _learn_noise(self, luma: Float32Array) -> None:
        if self._previous is not None:
            self._noise.learn(self._distance(luma, self._previous))
        self._previous = luma

    def _distance(self, luma: Float32Array, reference: Float32Array) -> float:
        a, b = luma[self._watched], reference[self._watched]
        return float(np.abs(gain_matched(a, b) - b).mean())
