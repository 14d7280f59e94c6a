"""Proposes a cut: one step between thumbnails that stands out of those before it.

The idea of a ratio to the neighbourhood is that of PySceneDetect's AdaptiveDetector; here the
neighbourhood is only the past, so that a camera is not watched with a delay.
"""

from __future__ import annotations

from collections import deque
from statistics import median

from gleancam.config.selection_keys import Scene
from gleancam.selectors.luma import difference
from gleancam.selectors.proposal import Kind, Moment, Proposal
from gleancam.types import Thumbnail

_NEIGHBOURS = 4
_STILL = 0.5
"""Grey levels between frames of a still picture: below this a ratio means nothing."""


class CutProposer:
    """Compares each thumbnail with the one before.

    A step from or to a blank picture is no cut: what lies between is not a scene.
    """

    def __init__(self, settings: Scene) -> None:
        self._settings = settings
        self._steps: deque[float] = deque(maxlen=_NEIGHBOURS)
        self._previous: Thumbnail | None = None
        self._was_blank = False

    def propose(self, thumbnail: Thumbnail, *, blank: bool) -> Proposal | None:
        """Look at the next thumbnail, and whether it is blank."""
        previous, self._previous = self._previous, thumbnail
        was_blank, self._was_blank = self._was_blank, blank
        if previous is None:
            return None
        step = difference(thumbnail.luma, previous.luma)
        stands_out = self._stands_out(step)
        self._steps.append(step)
        if not stands_out or was_blank or blank:
            return None
        before, start = Moment.of(previous), Moment.of(thumbnail)
        return Proposal(Kind.CUT, before, start, start, step, previous.luma)

    def _stands_out(self, step: float) -> bool:
        usual = max(median(self._steps), _STILL) if self._steps else _STILL
        return step >= self._settings.min_difference and step >= self._settings.min_ratio * usual
