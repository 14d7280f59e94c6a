"""Proposes a change across a blank passage: a fade through black or white, a covered lens."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gleancam.selectors.luma import difference
from gleancam.selectors.proposal import Kind, Moment, Proposal
from gleancam.types import Thumbnail

_FADE = 64
"""Thumbnails in which the two halves of a fade are looked for."""
_FADING = 0.02
"""Least share of a picture that goes in a fade from one thumbnail to the next."""
_STEADY = 3
"""Thumbnails without fading that end a fade."""
_LONGEST_NS = 60 * 10**9
"""What was there before a longer darkness is not compared with what comes after."""


class BlackoutProposer:
    """Waits for a blank passage to end, and says what lay on its two sides.

    A `cut` when the old scene went in one step, `gradual` when it faded. A stream that begins
    blank has no scene to change from.
    """

    def __init__(self) -> None:
        self._lit: deque[Thumbnail] = deque(maxlen=_FADE)
        self._falling: Sequence[Thumbnail] = ()
        self._rising: list[Thumbnail] = []
        self._level = 0.0

    def propose(self, thumbnail: Thumbnail, *, blank: bool) -> Proposal | None:
        """Look at the next thumbnail, and whether it is blank."""
        if blank:
            self._darken(thumbnail)
            return None
        if not self._falling:
            self._lit.append(thumbnail)
            return None
        self._rising.append(thumbnail)
        return self._after(thumbnail) if self._is_steady() else None

    def _darken(self, thumbnail: Thumbnail) -> None:
        if self._lit:
            self._level = float(thumbnail.luma.mean())
            self._falling = _tail_of_fade([*self._lit, thumbnail], self._level)
        self._lit.clear()
        self._rising.clear()

    def _is_steady(self) -> bool:
        latest = self._rising[-_STEADY:]
        still = len(latest) == _STEADY and not any(
            _fades(a, b, self._level) for a, b in pairwise(latest)
        )
        return still or len(self._rising) >= _FADE

    def _after(self, thumbnail: Thumbnail) -> Proposal | None:
        before, dimmed = self._falling[0], self._falling[1]
        start, end = Moment.of(dimmed), Moment.of(self._rising[-_STEADY])
        one_step = len(self._falling) == len(("before", "blank"))
        self._lit.extend(self._rising)
        self._falling, self._rising = (), []
        if end.mono_ns - start.mono_ns > _LONGEST_NS:
            return None
        kind = Kind.CUT if one_step else Kind.GRADUAL
        change = difference(before.luma, thumbnail.luma)
        end = start if one_step else end
        return Proposal(kind, Moment.of(before), start, end, change, before.luma)


def _tail_of_fade(thumbnails: Sequence[Thumbnail], level: float) -> Sequence[Thumbnail]:
    """The last thumbnail before the picture began to fade, and all after it."""
    first = len(thumbnails) - 1
    while first > 0 and _fades(thumbnails[first], thumbnails[first - 1], level):
        first -= 1
    return thumbnails[min(first, len(thumbnails) - 2) :]


def _fades(fainter: Thumbnail, clearer: Thumbnail, level: float) -> bool:
    return _left(clearer, level) > (1 + _FADING) * _left(fainter, level)


def _left(thumbnail: Thumbnail, level: float) -> float:
    """How far a picture is from the blank one, in grey levels."""
    return float(np.abs(thumbnail.luma - np.float32(level)).mean())
