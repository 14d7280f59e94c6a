"""What a fixed camera's picture looks like when nothing is in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.selectors.luma import gain_matched_difference
from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array

_CAPACITY = 31
_LONGEST_S = 2.0
"""Between remembered thumbnails: a minute in all, after half of which what stands is background."""


class Background:
    """The median of up to 31 thumbnails, cell by cell (Lo and Velastin, ISIMP 2001).

    At first every thumbnail is remembered; whenever they are too many, every other one is dropped
    and half as many are taken from then on, until they lie 2 s apart. So there is a background
    within a second at the decoder's rate, and in the end it looks back a minute.

    Args:
        watched: `THUMBNAIL_SHAPE` bool, True where changes count.
    """

    def __init__(self, watched: npt.NDArray[np.bool_]) -> None:
        self._watched = watched
        self._since_ns = 0
        self._remembered: list[Thumbnail] = []
        self._gap_s = 0.0
        self._median: Float32Array | None = None

    def look(self, thumbnail: Thumbnail) -> None:
        """Take in the next thumbnail."""
        latest = self._remembered[-1] if self._remembered else None
        self._since_ns = self._since_ns if latest else thumbnail.mono_ns
        if latest is not None and (thumbnail.mono_ns - latest.mono_ns) / 1e9 < self._gap_s:
            return
        self._remembered.append(thumbnail)
        if len(self._remembered) > _CAPACITY:
            self._thin_out()
        stack = np.stack([each.luma for each in self._remembered])
        self._median = np.asarray(np.median(stack, axis=0), np.float32)

    def age_s(self, mono_ns: int) -> float:
        """Seconds since its first thumbnail."""
        return (mono_ns - self._since_ns) / 1e9

    def difference(self, thumbnail: Thumbnail) -> Float32Array:
        """How far each watched cell is from the background: grey levels, after matching the gain.

        0 where nothing is watched, and before the first thumbnail.
        """
        if self._median is None:
            return np.zeros_like(thumbnail.luma)
        return gain_matched_difference(thumbnail.luma, self._median, self._watched)

    def _thin_out(self) -> None:
        first, second = self._remembered[-2:]
        if self._gap_s >= _LONGEST_S:
            del self._remembered[0]
            return
        self._remembered = self._remembered[::2]
        apart_s = (second.mono_ns - first.mono_ns) / 1e9
        self._gap_s = min(_LONGEST_S, 2 * max(self._gap_s, apart_s))
