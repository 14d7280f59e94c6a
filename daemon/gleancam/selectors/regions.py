"""Where in a picture something small has changed: what an embedding of the whole is blind to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.config.selection_keys import Regions
from gleancam.selectors.background import Background
from gleancam.selectors.components import components
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam.types import Box, Thumbnail
from gleancam_engines.planes import Float32Array

_CHANGED = 12.0
"""Grey levels by which a cell must differ from the background."""
_LEAST_CELLS = 2
_FILM = 0.4
"""Share of changed cells from which the camera is taken to move, or the scene to be another."""
_SETTLED_S = 4.0
"""A shorter look at a place tells nothing of what stands in it and what passes."""
_CONTEXT = 0.5
"""Of a region's longer side, added around it: a detector wants to see on what it stands."""
_LEAST_SIDE = 0.12
_MOST_SIDE = 0.5
"""Of the frame's height. What is larger is seen by the embedding of the whole."""


class RegionFinder:
    """Groups the cells of one camera that differ from its background into a few regions.

    Args:
        watched: `THUMBNAIL_SHAPE` bool, True where changes count.
    """

    def __init__(self, settings: Regions, watched: npt.NDArray[np.bool_]) -> None:
        self._settings = settings
        self._watched = watched
        self._background = Background(watched)
        self._found_ns: int | None = None

    def look(self, thumbnail: Thumbnail) -> None:
        """Take in the next sampled thumbnail."""
        if self._settings.enabled:
            self._background.look(thumbnail)

    def reset(self) -> None:
        """Forget the background: the camera shows another place."""
        self._background = Background(self._watched)

    def find(self, thumbnail: Thumbnail, aspect: float) -> list[Box]:
        """The regions of a frame of that width / height, most changed first; none before it is due.

        Boxes are square in pixels, lie within the frame, and have context around what changed.
        """
        if not self._is_due(thumbnail.mono_ns):
            return []
        self._found_ns = thumbnail.mono_ns
        difference = self._background.difference(thumbnail)
        changed = difference > _CHANGED
        if changed.mean() > _FILM:
            return []
        boxes = [_square(part, aspect) for part in _parts(changed, difference)]
        return [box for box in boxes if box is not None][: self._settings.most]

    def _is_due(self, mono_ns: int) -> bool:
        if not self._settings.enabled or self._background.age_s(mono_ns) < _SETTLED_S:
            return False
        every_ns = self._settings.every_s * 1e9
        return self._found_ns is None or mono_ns - self._found_ns >= every_ns


def _parts(changed: npt.NDArray[np.bool_], difference: Float32Array) -> Float32Array:
    """Bounds of the connected parts, most changed first: `(N, 4)`, x1, y1, x2, y2 in cells."""
    labels = components(changed)
    rows, columns = np.nonzero(labels)
    _, part = np.unique(labels[rows, columns], return_inverse=True)
    count = int(part.max()) + 1 if part.size else 0
    bounds = np.empty((count, 4), np.float32)
    for side, (cells, outermost, start) in enumerate(
        (
            (columns, np.minimum, np.inf),
            (rows, np.minimum, np.inf),
            (columns, np.maximum, 0),
            (rows, np.maximum, 0),
        )
    ):
        bounds[:, side] = start
        outermost.at(bounds[:, side], part, cells)
    bounds[:, 2:] += 1
    size = np.bincount(part, minlength=count)
    weight = np.bincount(part, weights=difference[rows, columns], minlength=count)
    order = np.argsort(-weight, kind="stable")
    return np.asarray(bounds[order[size[order] >= _LEAST_CELLS]])


def _square(bounds: Float32Array, aspect: float) -> Box | None:
    """A square with context around bounds in cells; None when it is too large to be a region."""
    rows, columns = THUMBNAIL_SHAPE
    x1, y1, x2, y2 = (float(each) for each in bounds / (columns, rows, columns, rows))
    side = max((x2 - x1) * aspect, y2 - y1) * (1 + _CONTEXT)  # of the height
    if side > _MOST_SIDE:
        return None
    height = max(side, _LEAST_SIDE)
    width = min(1.0, height / aspect)
    left = min(max((x1 + x2 - width) / 2, 0.0), 1 - width)
    top = min(max((y1 + y2 - height) / 2, 0.0), 1 - height)
    return left, top, left + width, top + height
