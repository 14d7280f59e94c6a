"""The latest thumbnails, as objects and as rows of one coarser matrix."""

from __future__ import annotations

from collections import deque

import numpy as np

from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array


class History:
    """At most `capacity` thumbnails; age 0 is the latest."""

    def __init__(self, capacity: int) -> None:
        self._thumbnails: deque[Thumbnail] = deque(maxlen=capacity)

    def __len__(self) -> int:
        return len(self._thumbnails)

    def append(self, thumbnail: Thumbnail) -> None:
        """Add the latest; the oldest goes when full."""
        self._thumbnails.append(thumbnail)

    def clear(self) -> None:
        """Forget all."""
        self._thumbnails.clear()

    def at(self, age: int) -> Thumbnail:
        """Give the thumbnail that is `age` older than the latest."""
        return self._thumbnails[-1 - age]

    def rows(self, count: int) -> Float32Array:
        """Give every other cell, both ways, of the latest `count`: `(count, P)`, oldest first."""
        latest = [self.at(age) for age in range(count - 1, -1, -1)]
        return np.stack([thumbnail.luma[::2, ::2].ravel() for thumbnail in latest])
