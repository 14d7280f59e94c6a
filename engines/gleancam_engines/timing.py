"""How long calls take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

WARM_UP = 3
LEAST = 5


def call_seconds(call: Callable[[], object], budget_s: float) -> Sequence[float]:
    """Return the seconds of each call, after a warm-up: for about `budget_s`, five at least."""
    for _ in range(WARM_UP):
        call()
    taken: list[float] = []
    while sum(taken) < budget_s or len(taken) < LEAST:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken
