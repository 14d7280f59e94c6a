"""kill -9 of the daemon at random points, while it starts and while it works."""

from __future__ import annotations

import random

from chaos.place import Place

IN_THE_START = 0.25
"""Share of kills that may come before anything works."""


def run(place: Place, rng: random.Random, strength: int) -> None:
    place.broker.start()
    place.start_consumer()
    for _ in range(strength):
        place.start_daemon()
        if rng.random() < IN_THE_START:
            place.watch(rng.uniform(0, 3))
        else:
            place.wait_for_more(1)
            place.watch(rng.uniform(0, 1))
        place.note_flat()
        place.kill_daemon()
    place.start_daemon()
    place.wait_for_more(1)
