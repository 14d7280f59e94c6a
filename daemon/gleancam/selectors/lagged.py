"""Proposes a gradual change: an embedding far from those some time ago, and a mixture between.

The distance over a lag is cheap and finds whatever changed slowly, people who come included; what
the thumbnails in between show tells a change of the scene from those.
"""

from __future__ import annotations

from collections.abc import Callable

from gleancam.selectors.gradual import Stretch
from gleancam.selectors.history import History
from gleancam.selectors.proposal import Proposal
from gleancam.types import Thumbnail

_LAGS_S = (0.85, 1.2, 1.7, 2.4, 3.4, 4.8, 6.8)
"""The change, and both scenes for a third as long, must fit into one of them."""
_EVERY_NS = 120_000_000


class LaggedProposer:
    """Compares the latest picture with those of some time ago.

    Attributes:
        watching: whether the picture has become another one and may still be on its way.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._history = History(_LAGS_S[-1])
        self._looked_ns: int | None = None
        self.watching = False

    def look(self, thumbnail: Thumbnail) -> None:
        """Show the next thumbnail, blank ones too."""
        self._history.append(thumbnail)

    def propose(self, now_ns: int, since_ns: int, moved: Callable[[int], float]) -> Proposal | None:
        """Look for a change that has just ended.

        Args:
            now_ns: time of the latest embedded frame.
            since_ns: when the scene began; what was before is left alone.
            moved: cosine distance of the latest embedding from the last until some time.
        """
        if self._looked_ns is not None and 0 <= now_ns - self._looked_ns < _EVERY_NS:
            return None
        self._looked_ns = now_ns
        self.watching = False
        for first_ns in _firsts(now_ns, since_ns):
            distance = moved(first_ns)
            if distance >= self._threshold and (found := self._search(first_ns, distance)):
                return found
        return None

    def _search(self, first_ns: int, distance: float) -> Proposal | None:
        stretch = Stretch(*self._history.since(first_ns), distance)
        for way, least_distance in stretch.ways():
            self.watching = True
            if found := stretch.proposal(way, least_distance):
                return found
        return None


def _firsts(now_ns: int, since_ns: int) -> list[int]:
    """Where the stretches begin that are looked at, the shortest first."""
    firsts = [now_ns - round(lag_s * 1e9) for lag_s in _LAGS_S]
    within = [first_ns for first_ns in firsts if first_ns > since_ns]
    return within if len(within) == len(firsts) else [*within, since_ns]
