"""What is delivered: parcels on a real disk, or the same bytes as messages in memory."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gleancam.spool.queue import Spool
from gleancam.spool.room import footprint_bytes
from gleancam.spool.rows import Moment, insert
from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel, messages
from mqtt_rig import TOPICS

MANIFEST_BYTES = 3000
"""About what a sample of a 512-value embedding and a few labels has."""
SPOOL_BYTES = 20 * 10**9


def parcels(count: int, image_bytes: int, manifest_bytes: int = MANIFEST_BYTES) -> Iterator[Parcel]:
    """Give samples; images of noise, since nothing on the way compresses."""
    noise = random.Random(0).randbytes(image_bytes + 65536)
    for number in range(count):
        name = f"00000000-0000-7000-8000-{number:012d}"
        data = json.dumps({"sample_id": name, "filler": "x" * (manifest_bytes - 70)}).encode()
        start = number % 65536
        image = noise[start : start + image_bytes]
        yield Parcel(name, "sample", "front", time.time_ns(), data, image, 0.5)


def published(load: Iterable[Parcel]) -> list[Message]:
    """Return what a device would publish for them: for each an image and a manifest."""
    return [
        message
        for parcel in load
        for message in messages(parcel, TOPICS, attempt=1, spooled_s=0.0, mqtt5=True)
    ]


def fill(path: Path, load: Iterable[Parcel]) -> None:
    """Make a spool of these: what `Spool.add` writes, but with one wait for the disk."""
    with closing(Spool.open(path, SPOOL_BYTES, 0)) as spool:
        moment = Moment(time.time_ns(), 0)
        with spool._store.transaction("FULL") as connection:
            for parcel in load:
                insert(connection, parcel, moment, footprint_bytes(parcel))


@contextmanager
def spooled(folder: Path, load: Iterable[Parcel]) -> Iterator[Spool]:
    """Have a spool with these in it, freshly opened; its files go afterwards."""
    path = folder / "spool.db"
    fill(path, load)
    with closing(Spool.open(path, SPOOL_BYTES, 0)) as spool:
        yield spool
    for file in folder.glob("spool.db*"):
        file.unlink()
