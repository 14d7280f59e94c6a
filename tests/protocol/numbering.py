"""What the model calls each parcel, and what the real messages call it.

Below `HELD_FROM` a number is a sample, or an event. From there on they come in pairs: the manifest
of a sample whose picture is held, and that picture, which is no parcel (`rows.NONE`) before the
manifest is confirmed.
"""

from __future__ import annotations

from typing import Final

from gleancam.wire.picture import SUFFIX, picture_id, sample_of

HELD_FROM: Final = 4
NOBODYS: Final = 99
"""A parcel that no device ever had."""


def is_manifest(number: int) -> bool:
    return number >= HELD_FROM and number % 2 == 0


def is_picture(number: int) -> bool:
    return number >= HELD_FROM and number % 2 == 1


def picture_of(manifest: int) -> int:
    return manifest + 1


def manifest_of(picture: int) -> int:
    return picture - 1


def name(number: int) -> str:
    """Return the id on the wire."""
    if number < HELD_FROM:
        return f"parcel-{number}"
    sample = f"held-{(number - HELD_FROM) // 2}"
    return picture_id(sample) if is_picture(number) else sample


def number(parcel_id: str) -> int:
    """Return which one bears this id."""
    kind, _, count = sample_of(parcel_id).partition("-")
    if kind == "parcel":
        return int(count)
    return HELD_FROM + 2 * int(count) + parcel_id.endswith(SUFFIX)
