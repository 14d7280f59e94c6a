"""The conditions of one camera, from its sampled frames.

| condition | what the picture is | not to be taken for |
|---|---|---|
| frozen | identical for 5 s while its times advance | a still scene, whose noise lives on; where pictures often stand still it takes 60 s |
| dark | near-black on average for 0.5 s | covered: black shows nothing that would tell |
| overexposed | half of it clipped to white for 1 s | a lamp, a window |
| covered | no edges left of the usual view, though there is light, for 1 s | dark, overexposed; blurred: its coarse edges stay where they were |
| blurred | the usual view, with edges half as sharp as the camera's own, for 1 s | a soft lens, low contrast, dim light |
| moved | the usual view's edges elsewhere, shifted, turned or zoomed, for 1 s; or none of them, and one other view for 30 s | people, vehicles, lamps: most edges stay; films: no view stays |

Several may hold at once. In the dark, in white and behind a cover the last three tell nothing and
stay what they were. `stalled` is no condition: without frames there is nothing to look at, and the
camera's supervisor says so.
"""  # noqa: E501 - a table

from __future__ import annotations

import numpy as np

from gleancam.condition import CONDITIONS, Condition
from gleancam.config.keys import Camera
from gleancam.health.hysteresis import Hysteresis
from gleancam.health.light import Darkness, Overexposure, is_dark, is_white
from gleancam.health.sharpness import Focus, sharpness
from gleancam.health.still import Stillness
from gleancam.health.view import Sight, View
from gleancam.mask import thumbnail_cells
from gleancam.types import Frame

_ELSEWHERE_S = 30.0
_SETTLED_S = 60.0
_MOVED_FOR_S = 3600.0
"""A camera that was moved and left so is at home after an hour."""


class CameraHealth:
    """Looks at every sampled frame of one camera, where it is neither masked nor ignored.

    Time is the frames' own.
    """

    def __init__(self, camera: Camera) -> None:
        blind = thumbnail_cells([part.polygon for part in (*camera.ignore, *camera.mask)])
        self._watched = np.ones_like(blind) if blind.all() else ~blind
        self._still, self._dark, self._white = Stillness(), Darkness(), Overexposure()
        self._view, self._focus = View(self._watched), Focus()
        self._covered = Hysteresis(begin_s=1.0, end_s=1.0)
        self._moved = Hysteresis(begin_s=1.0, end_s=1.0)

    def look(self, frame: Frame) -> tuple[Condition, ...]:
        """Look at the next frame; the conditions that hold now, in the order of `CONDITIONS`."""
        luma, mono_ns = frame.thumbnail.luma[self._watched], frame.mono_ns
        dark = self._dark.look(luma, mono_ns)
        lit = not (dark or is_dark(luma) or is_white(luma))
        holds: dict[Condition, bool] = {
            "frozen": self._still.look(luma, mono_ns),
            "dark": dark,
            "overexposed": self._white.look(luma, mono_ns),
            **self._of_the_view(frame, lit=lit),
        }
        return tuple(condition for condition in CONDITIONS if holds[condition])

    def _of_the_view(self, frame: Frame, *, lit: bool) -> dict[Condition, bool]:
        sight = self._view.look(frame.thumbnail.luma, frame.mono_ns) if lit else None
        return {
            "covered": self._covered.feed(frame.mono_ns, evidence=_is_nothing(sight)),
            "blurred": self._focus.look(self._sharpness(frame, sight), frame.mono_ns),
            "moved": self._moved.feed(
                frame.mono_ns, evidence=self._is_elsewhere(sight, frame.mono_ns)
            ),
        }

    def _sharpness(self, frame: Frame, sight: Sight | None) -> float | None:
        if sight not in {Sight.SAME, Sight.DISPLACED}:
            return None
        return sharpness(frame.planes.y, self._watched)

    def _is_elsewhere(self, sight: Sight | None, mono_ns: int) -> bool | None:
        other_s = self._view.other_s(mono_ns)
        if self._is_home(sight, other_s):
            self._view.settle()
        if sight is Sight.DISPLACED:
            return True
        if sight is Sight.ANOTHER:
            return True if self._moved.on or other_s >= _ELSEWHERE_S else None
        return False if sight is Sight.SAME else None

    def _is_home(self, sight: Sight | None, other_s: float) -> bool:
        """Whether another view has been there for so long that it is the usual one."""
        if self._moved.on:
            return other_s >= _MOVED_FOR_S
        return sight is Sight.UNCLEAR and other_s >= _SETTLED_S


def _is_nothing(sight: Sight | None) -> bool | None:
    return None if sight is None else sight is Sight.NOTHING
