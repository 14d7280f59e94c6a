"""A process that adds parcels and says which are durable: `spool_child.py PATH [FILE_LIMIT]`.

Each line on stdout is the id of a parcel whose `add` returned, or `full`.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from gleancam.errors import SpoolFullError
from gleancam.spool.queue import Spool
from parcels import made_parcel

MOST = 100_000


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    if len(sys.argv) > 2:
        limit = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    spool = Spool.open(Path(sys.argv[1]), 10**9, 0)
    for number in range(MOST):
        parcel = made_parcel(number, image_bytes=20_000)
        try:
            spool.add(parcel)
        except SpoolFullError:
            say("full")
            spool.close()
            return
        say(parcel.parcel_id)
        if number % 7 == 6:
            spool.claim(3, 10**15)


if __name__ == "__main__":
    main()
