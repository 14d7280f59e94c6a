"""In which order lanes are served: nobody waits for ever, and what is live hardly waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

HISTORICAL_EVERY = 5
"""Of so many slots the last belongs to the historical lane, as long as it has anything."""


def interleave(live: Sequence[T], historical: Sequence[T], limit: int, turn: int) -> list[T]:
    """Return at most `limit` items, each lane in its own order.

    Slot n, counted from `turn`, is the historical lane's when (n + 1) is a multiple of
    `HISTORICAL_EVERY`; a lane that is empty gives its slots to the other.
    """
    taken: list[T] = []
    lives = historicals = 0
    while len(taken) < limit and (lives < len(live) or historicals < len(historical)):
        turns = (turn + len(taken) + 1) % HISTORICAL_EVERY == 0
        if historicals < len(historical) and (turns or lives == len(live)):
            taken.append(historical[historicals])
            historicals += 1
        else:
            taken.append(live[lives])
            lives += 1
    return taken
