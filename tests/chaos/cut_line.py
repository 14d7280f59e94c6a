"""The daemon's connection is reset in the middle of a message, again and again."""

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
        place.start_daemon()
        for _ in range(strength):
            cuts = proxy.cuts
            # One sample is some 20 KB: anywhere from CONNECT to the middle of the third picture.
            proxy.cut_after_bytes = rng.randrange(20, 60_000)
            place.wait(lambda cuts=cuts: proxy.cuts > cuts, "a cut")  # type: ignore[misc]
            place.note_flat()
        place.end_daemon()
