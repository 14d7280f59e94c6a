"""Damage to a spool's files, and what a daemon that is started again and again gets out of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gleancam.errors import SpoolDamagedError
from gleancam.spool.carve import Unreadable, carve
from gleancam.spool.pages import PAGE_BYTES, Pages
from gleancam.spool.queue import Spool
from gleancam.wire.parcel import Parcel
from made_samples import made_event, made_parcel

MOST_STARTS = 6


@dataclass
class Outcome:
    """What came out of a spool.

    Attributes:
        delivered: by id.
        damaged: handed out as damaged, not to be sent.
        lost: counted as lost by a rescue.
        rescues: how often the file was set aside.
    """

    delivered: dict[str, Parcel] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    lost: int = 0
    rescues: int = 0
    starts: int = 0


def made_parcels(count: int, seed: int = 0) -> list[Parcel]:
    """Samples with pictures of all sizes, some far over a page, and every seventh an event."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        parcel = made_parcel(number, captured_ns=1_750_000_000 * 10**9 + number)
        found.append(made_event() if number % 7 == 6 else _larger(parcel, rng))
    return found


def _larger(parcel: Parcel, rng: random.Random) -> Parcel:
    import hashlib
    import json

    image = (parcel.image or b"") + rng.randbytes(rng.choice([0, 200, 5_000, 60_000]))
    data = json.loads(parcel.data)
    data["image"]["sha256"] = hashlib.sha256(image).hexdigest()
    data["image"]["bytes"] = len(image)
    return replace(parcel, data=json.dumps(data).encode(), image=image)


def filled(path: Path, parcels: list[Parcel]) -> None:
    """Make a spool with a history: notes, deleted rows, a dead letter, a row in flight."""
    with closing(Spool.open(path, 10**9, 0)) as spool:
        gone = [_larger(made_parcel(10_000 + number), random.Random(3)) for number in range(6)]
        for number, parcel in enumerate(parcels):
            if number < len(gone):
                spool.add(gone[number])
            spool.add(parcel, [("memory", number, bytes([number % 256]) * 900)])
        spool.gone([one.parcel_id for one in gone])
        spool.claim(2, 0)
        spool.next_session()


def drained(path: Path) -> Outcome:
    """Deliver everything, starting anew after each crash, as systemd would."""
    outcome = Outcome()
    for _ in range(MOST_STARTS):
        outcome.starts += 1
        try:
            with closing(Spool.open(path, 10**9, 0)) as spool:
                _note_rescue(outcome, spool)
                _deliver(spool, outcome)
        except SpoolDamagedError:
            continue
        return outcome
    pytest.fail(f"{MOST_STARTS} starts were not enough")


def worked(path: Path, parcels: list[Parcel]) -> None:
    """Go on with a spool: add, evict and deliver something, over crashes."""
    todo = list(parcels)
    for _ in range(MOST_STARTS):
        try:
            with closing(Spool.open(path, 10**9, 0)) as spool:
                while todo:
                    spool.add(todo[0])
                    todo.pop(0)
        except SpoolDamagedError:
            continue
        return
    pytest.fail(f"{MOST_STARTS} starts were not enough")


def _note_rescue(outcome: Outcome, spool: Spool) -> None:
    if spool.rescued is not None:
        outcome.rescues += 1
        outcome.lost += spool.rescued.salvage.lost


def _deliver(spool: Spool, outcome: Outcome) -> None:
    while claimed := spool.claim(7, 0):
        for one in claimed:
            if one.damage:
                outcome.damaged.append(one.parcel.parcel_id)
                spool.dead(one.parcel.parcel_id, one.damage)
            else:
                outcome.delivered[one.parcel.parcel_id] = one.parcel
        spool.gone([one.parcel.parcel_id for one in claimed if not one.damage])


class OnePage:
    """A leaf as all there is, which notes the other pages that its rows lie on."""

    def __init__(self, pages: Pages, number: int, leaf: bytes) -> None:
        self.pages, self.number, self.leaf = pages, number, leaf
        self.touched: set[int] = set()

    def page(self, number: int) -> bytes:
        self.touched.add(number)
        return self.pages.page(number)

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        yield self.number, self.leaf


def users(path: Path) -> dict[int, set[str]]:
    """Return for each page of a sound spool the parcels of which something lies on it."""
    names: dict[int, str] = {}
    used: dict[int, set[int]] = {}
    with closing(Pages(path, path.with_name(f"{path.name}-wal"))) as pages:
        for number, leaf in pages.leaves():
            one = OnePage(pages, number, leaf)
            for row in carve(one):
                assert not isinstance(row, Unreadable)
                if row.table in {"parcels", "bodies"}:
                    used.setdefault(row.rowid, set()).update({number}, one.touched)
                if row.table == "parcels":
                    names[row.rowid] = str(row.values[1])
                one.touched.clear()
    by_page: dict[int, set[str]] = {}
    for seq, numbers in used.items():
        for number in numbers:
            by_page.setdefault(number, set()).add(names[seq])
    return by_page


def page_of(offset: int) -> int:
    """Return the number of the page at an offset in the file."""
    return offset // PAGE_BYTES + 1
