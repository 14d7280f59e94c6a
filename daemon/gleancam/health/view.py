"""What the camera looks at: the view it is used to, and what a frame shows of it."""

from __future__ import annotations

from enum import Enum

import numpy as np

from gleancam.mask import BoolArray
from gleancam.selectors.displacement import (
    FOUND,
    Field,
    Fit,
    Target,
    gradients,
    similarity,
    strength,
)
from gleancam_engines.planes import Float32Array

_SURELY_SAME = 0.75
_USUAL_WEIGHT = 0.05
_SAME = 0.5
"""Similarity in place above which it is the same view, whoever stands in it."""
_BETTER = 0.15
"""How much better the view must fit after a displacement than without one."""
_LEAST_CELLS = 1.2
"""Wind shakes a camera by less: 2 % of the picture's width."""
_ANOTHER = 0.2
_FLAT = 0.15
"""Share of the usual strength of edges below which nothing of the view shows."""
_SEARCH_EVERY_S = 0.4
"""Turns and zooms cost 20 times as much to try as shifts."""

_TAU_S = 30.0
_FIRST_S = 1.0


class Sight(Enum):
    """What one frame shows of the usual view."""

    SAME = "same"
    DISPLACED = "displaced"
    ANOTHER = "another"
    NOTHING = "nothing"
    UNCLEAR = "unclear"


class Average:
    """A slow average of thumbnails of one view."""

    def __init__(self, luma: Float32Array, watched: BoolArray, mono_ns: int) -> None:
        self.luma = luma
        self.field: Field = gradients(luma, watched)
        self.since_ns = mono_ns
        self._watched = watched
        self._last_ns = mono_ns

    def learn(self, luma: Float32Array, mono_ns: int) -> None:
        """Take another thumbnail in: a plain mean at first, then one over half a minute."""
        step_s = (mono_ns - self._last_ns) / 1e9
        age_s = min((mono_ns - self.since_ns) / 1e9 + _FIRST_S, _TAU_S)
        self.luma = self.luma + np.float32(min(step_s / age_s, 0.5)) * (luma - self.luma)
        self.field = gradients(self.luma, self._watched)
        self._last_ns = mono_ns

    def age_s(self, mono_ns: int) -> float:
        """Give the seconds since its first thumbnail."""
        return (mono_ns - self.since_ns) / 1e9


class View:
    """Compares each frame with the view that the camera is used to.

    What is not that view is remembered apart, to tell how long it has been there.
    """

    def __init__(self, watched: BoolArray) -> None:
        self._watched = watched
        self._usual: Average | None = None
        self._other: Average | None = None
        self._searched_ns: int | None = None
        self._turned = Fit(-1.0)
        self._usually = 1.0

    def look(self, luma: Float32Array, mono_ns: int) -> Sight:
        """Look at the next thumbnail that is neither near-black nor white."""
        if self._usual is None:
            self._usual = Average(luma, self._watched, mono_ns)
            return Sight.SAME
        field = gradients(luma, self._watched)
        sight = self._sight(self._usual, field, mono_ns)
        if sight is Sight.SAME:
            self._usual.learn(luma, mono_ns)
            self._other = None
        elif sight is not Sight.NOTHING:
            self._follow(luma, field, mono_ns)
        return sight

    def other_s(self, mono_ns: int) -> float:
        """How long another view has been there, the same one all the time."""
        return 0.0 if self._other is None else self._other.age_s(mono_ns)

    def settle(self) -> None:
        """From now on the other view is the usual one."""
        self._usual, self._other = self._other, None

    def _follow(self, luma: Float32Array, field: Field, mono_ns: int) -> None:
        other = self._other
        if other is not None and similarity(other.field, field) >= _SAME:
            other.learn(luma, mono_ns)
        else:
            self._other = Average(luma, self._watched, mono_ns)

    def _sight(self, usual: Average, field: Field, mono_ns: int) -> Sight:
        if strength(field) < _FLAT * strength(usual.field):
            return Sight.NOTHING
        in_place = similarity(usual.field, field)
        if in_place < _SURELY_SAME and self._is_displaced(usual, field, in_place, mono_ns):
            return Sight.DISPLACED
        if in_place >= _SAME:
            self._usually += _USUAL_WEIGHT * (in_place - self._usually)
            return Sight.SAME
        return Sight.ANOTHER if in_place < _ANOTHER else Sight.UNCLEAR

    def _is_displaced(self, usual: Average, field: Field, in_place: float, mono_ns: int) -> bool:
        needed = max(FOUND, in_place + _BETTER)
        target = Target(field)
        fit = target.shifted_fit(usual.field)
        if fit.similarity < needed and in_place < max(_SAME, self._usually - _BETTER):
            fit = self._search(usual, target, mono_ns)
        return fit.similarity >= needed and fit.cells >= _LEAST_CELLS

    def _search(self, usual: Average, target: Target, mono_ns: int) -> Fit:
        """The latest answer of a search among turns and zooms, which is made now and then."""
        last_ns = self._searched_ns
        if last_ns is None or mono_ns - last_ns >= _SEARCH_EVERY_S * 1e9:
            self._searched_ns = mono_ns
            self._turned = target.turned_fit(usual.luma, self._watched)
        return self._turned
