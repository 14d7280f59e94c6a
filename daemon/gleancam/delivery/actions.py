"""What delivery can decide to do about parcels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Free:
    """Delivered: forget these."""

    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Await:
    """The broker has these; wait for a consumer."""

    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postpone:
    """Refused; try these again later."""

    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Claimed and not sent after all."""

    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shrink:
    """Too large; make its image so small."""

    parcel_id: str
    image_limit_bytes: int


@dataclass(frozen=True, slots=True)
class Bury:
    """Nobody will ever take it."""

    parcel_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Reset:
    """What was in flight was lost with the session."""


@dataclass(frozen=True, slots=True)
class Hurry:
    """An outage is over: what was postponed in it is due now."""


Action: TypeAlias = Free | Await | Postpone | GiveBack | Shrink | Bury | Reset | Hurry


def joint(first: Action, second: Action) -> Action | None:
    """Return one action for two of one kind that name many parcels; None for any others."""
    match first, second:
        case Free(one), Free(other):
            return Free(one + other)
        case Await(one), Await(other):
            return Await(one + other)
        case Postpone(one), Postpone(other):
            return Postpone(one + other)
    return None
