"""A process that gleans a film into a spool: `memory_child.py SPOOL START`.

Each line on stdout is a second of the film that was dealt with, from START on, with `kept` when
its frame was committed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from gleancam.glean import Gleaner
from gleancam.spool.queue import Spool
from gleancam.types import Note
from memory_film import Film, gleaner
from parcels import made_parcel

SECONDS = 400


def glean(one: Gleaner, film: Film, spool: Spool, second: int) -> bool:
    """Deal with one second as the daemon does; whether its frame was kept."""
    (outcome,) = one.step([film.pending(second)])
    if outcome.sample_id is not None:
        spool.add(made_parcel(second, image_bytes=5000), outcome.notes)
    elif notes := one.judges.memories.drain():
        spool.note(notes)
    return outcome.sample_id is not None


def main() -> None:
    film = Film(SECONDS)
    spool = Spool.open(Path(sys.argv[1]), 10**9, 0)
    start = int(sys.argv[2])
    one = gleaner(
        film, [Note(*row) for row in spool.noted()], new_id=lambda: f"id-{time.monotonic_ns()}"
    )
    for second in range(start, SECONDS):
        kept = glean(one, film, spool, second)
        sys.stdout.write(f"{second}{' kept' if kept else ''}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
