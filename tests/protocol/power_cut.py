"""What a power cut takes back: ends, and manifests that became pictures, are not waited for.

What is waited for on the disk keeps all that was before it: a picture that was fetched was held.
"""

from __future__ import annotations

from collections.abc import Iterator

from protocol import rows
from protocol.bounds import Bounds
from protocol.numbering import HELD_FROM, is_manifest, is_picture, picture_of
from protocol.rows import Rows, standing
from protocol.world import World


def taken_back(world: World, bounds: Bounds) -> Iterator[tuple[str, Rows]]:
    """Yield what a power cut may take back, and the rows then."""
    for parcel in standing(world.rows, rows.FREED, rows.DEAD):
        if world.rows[parcel] == rows.FREED and is_manifest(parcel):
            yield from _unconfirmed(world, parcel)
        else:
            unfetched = is_picture(parcel) and parcel not in world.promised
            before = {parcel: rows.HELD if unfetched else rows.READY}
            yield f"the end of {parcel}", _changed(world.rows, before)
    if not bounds.rules.fetching_waits_for_the_disk:
        for picture in range(HELD_FROM + 1, len(world.rows), 2):
            if picture in world.promised and world.rows[picture] in rows.UNDELIVERED:
                yield f"the fetching of {picture}", _changed(world.rows, {picture: rows.HELD})


def _unconfirmed(world: World, manifest: int) -> Iterator[tuple[str, Rows]]:
    picture = picture_of(manifest)
    if picture in world.promised or world.rows[picture] in {rows.EVICTED, rows.EXPIRED}:
        return
    before = {manifest: rows.READY, picture: rows.NONE}
    yield f"the end of {manifest}", _changed(world.rows, before)


def _changed(some: Rows, those: dict[int, str]) -> Rows:
    return tuple(those.get(at, state) for at, state in enumerate(some))
