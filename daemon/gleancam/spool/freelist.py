"""Whether the pages that a database calls free are: writing into one that is not would destroy it.

Every page of a spool is also in a pointer map (auto-vacuum), which must call it free, too.
Format: <https://www.sqlite.org/fileformat2.html>, sections 1.5 and 1.8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gleancam.spool.pages import PAGE_BYTES, Pages

FREE_PAGE = 2
"""The pointer map's word for it."""
MAPPED = PAGE_BYTES // 5
"""Pages that one page of the pointer map covers; it lies before them."""
PENDING_PAGE = (1 << 30) // PAGE_BYTES + 1
"""Holds locks and nothing else, in every database."""


def freelist_fault(pages: Pages) -> str:
    """Return what is wrong with the list of free pages; empty when nothing is."""
    first, stated = struct.unpack(">II", pages.page(1)[32:40])
    seen = bytearray(pages.count + 1)
    count = 0
    for number in _listed(pages, first):
        if not 2 < number <= pages.count or seen[number]:
            return f"page {number} cannot be free"
        seen[number] = 1
        count += 1
    if count != stated:
        return f"{count} free pages are listed, but {stated} are counted"
    return _unlike_map(pages, seen)


def _listed(pages: Pages, first: int) -> Iterator[int]:
    """Return trunk and leaf pages in the list's order; a loop shows as a page seen twice."""
    trunk = first
    while trunk:
        yield trunk
        content = pages.page(trunk)
        trunk, count = struct.unpack(">II", content[:8])
        count = min(count, PAGE_BYTES // 4 - 2)
        yield from struct.unpack(f">{count}I", content[8 : 8 + 4 * count])


def _unlike_map(pages: Pages, seen: bytearray) -> str:
    """Hold every page against the pointer map, map page by map page."""
    for place in range(2, pages.count + 1, MAPPED + 1):
        # Where the pending page would be a map page, the map lies behind it.
        at = place + 1 if place == PENDING_PAGE else place
        entries = pages.page(at)
        for number in range(at + 1, min(at + MAPPED, pages.count) + 1):
            called_free = entries[5 * (number - at - 1)] == FREE_PAGE
            if called_free != bool(seen[number]) and number != PENDING_PAGE:
                return f"page {number} is free in one list and not in the other"
    return ""
