"""kill -9 of the broker and restart; every second time, by chance, its store is gone, too."""

from __future__ import annotations

import random

from chaos.place import Place


def run(place: Place, rng: random.Random, strength: int) -> None:
    place.broker.start()
    place.start_consumer()
    place.start_daemon()
    place.wait_for_more()
    for _ in range(strength):
        place.watch(rng.uniform(0, 1.5))
        place.broker.kill()
        if rng.random() < 0.5:
            (place.folder / "store.db").unlink(missing_ok=True)
        place.watch(rng.uniform(0, 0.5))
        place.broker.start()
        place.drain()
        place.note_flat()
