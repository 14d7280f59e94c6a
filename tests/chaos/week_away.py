"""No broker for a simulated week: some expires, some is evicted, and all of it is told.

Simulated: between two lives of the daemon the spool's own clock, which ages are measured on, is put
forward by a day in the spool's file. Each day is a few seconds of real frames.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

from chaos.place import ChaosError, Place

DAY_NS = 86_400 * 10**9
DAYS = 7
SETTINGS = ("spool.max_age=3.5", "spool.max_bytes=500000")


def run(place: Place, rng: random.Random, strength: int) -> None:
    for _ in range(strength * DAYS):
        place.start_daemon(*SETTINGS)
        place.wait_for_more(8)
        place.note_flat()
        if rng.random() < 0.5:
            place.kill_daemon()
        else:
            place.stop_daemon()
        _let_a_day_pass(place)
    place.broker.start()
    place.start_consumer()
    place.start_daemon(*SETTINGS)
    place.drain()
    lost = place.told()
    if not lost["expired"] or not lost["evicted"]:
        raise ChaosError(f"a week did not fill the spool and grow old in it: {dict(lost)}")


def _let_a_day_pass(place: Place) -> None:
    with closing(sqlite3.connect(place.spool)) as connection, connection:
        connection.execute("UPDATE meta SET value = value + ? WHERE key = 'lived_ns'", (DAY_NS,))
