"""A threshold that lets a wanted share of scores through."""

from __future__ import annotations

import math

_STEP = 0.1
"""By how much, in logarithms, one kept frame raises the threshold."""


class PercentileThreshold:
    """Follows the (1 - share) percentile of scores (Robbins and Monro, 1951).

    In logarithms, every score at or above the threshold raises it by 0.1 · (1 - share), and every
    score below lowers it by 0.1 · share, though not below the floor. So it stands still when just
    the wanted share passes.
    """

    def __init__(self, start: float) -> None:
        self.level = start

    def follow(self, score: float, floor: float, share: float) -> None:
        """Take note of one score, ≥ 0; `share` is 0…1."""
        if score >= self.level:
            self.level *= math.exp(_STEP * (1 - share))
        elif self.level > floor:
            self.level = max(floor, self.level * math.exp(-_STEP * share))
