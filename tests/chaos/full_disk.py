"""The disk is full, or takes no write at all, while the daemon runs; at times it is killed then.

Simulated by RLIMIT_FSIZE on the running process: no file may grow beyond what the spool has now
(full), or be written at all (broken). The kernel then refuses with EFBIG where a full disk would
say ENOSPC; SQLite and the daemon treat both as a disk that takes nothing. A reserve that is larger
than the disk is the third way.
"""

from __future__ import annotations

import random
import resource

from chaos.place import Place

HOW = ("full", "broken", "reserve")


def run(place: Place, rng: random.Random, strength: int) -> None:
    place.start_consumer()
    for at in range(strength):
        _one(place, rng, HOW[at % len(HOW)])
    place.start_daemon()
    place.wait_for_more()


def _one(place: Place, rng: random.Random, how: str) -> None:
    place.broker.stop()  # else the spool never grows
    place.start_daemon(*(["spool.reserve_bytes=1000000000000000"] if how == "reserve" else []))
    if how != "reserve":
        place.wait_for_more()
        _limit(place, place.spool.stat().st_size if how == "full" else 0)
    place.wait(lambda: _says_full(place), "the daemon to say that its spool is full")
    place.broker.start()
    place.watch(rng.uniform(0, 2))
    if rng.random() < 0.5 or how == "reserve":
        place.kill_daemon()
        return
    _limit(place, resource.RLIM_INFINITY)
    place.wait_for_more()
    place.stop_daemon()


def _says_full(place: Place) -> bool:
    counts = place.counts()
    return counts is not None and counts.total("spool_full") == 1


def _limit(place: Place, size_bytes: int) -> None:
    _, hard = resource.prlimit(place.daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(place.daemon.pid, resource.RLIMIT_FSIZE, (size_bytes, hard))
