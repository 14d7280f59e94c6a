"""A line slower than what is kept: the backlog grows, nothing else does; then it is fast again."""

from __future__ import annotations

import random
from contextlib import closing

from chaos.place import Place
from chaos.proxy import Proxy


def run(place: Place, rng: random.Random, strength: int) -> None:
    place.broker.start()
    place.start_consumer()
    with closing(Proxy(place.broker.port)) as proxy:
        place.daemon_port = proxy.port
        proxy.bytes_per_s = rng.randrange(8_000, 40_000)
        place.start_daemon()
        place.wait_for_more()
        for _ in range(strength):
            place.watch(1)
            place.note_flat()
        proxy.bytes_per_s = 0
        place.end_daemon()
