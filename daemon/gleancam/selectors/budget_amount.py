"""A budget or a quota as a person writes it: `200 MB/day`, `60/hour`, `2/minute`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["bytes", "samples"]

_WRITTEN = re.compile(r"^([0-9]+(?:\.[0-9]+)?) ?(kB|MB|GB)?/(minute|hour|day)\Z")
_BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
HOUR_NS = 3600 * 10**9
_PERIOD_S = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Amount:
    """So much in every period.

    Attributes:
        limit: bytes on the wire or samples, > 0.
        period_ns: the periods follow each other from the first frame on.
    """

    limit: float
    unit: Unit
    period_ns: int


def parse_amount(text: str) -> Amount:
    """Read a budget or a quota; kB, MB and GB are powers of 1000.

    Raises:
        ValueError: it is none. A loaded configuration holds only budgets that can be read.
    """
    found = _WRITTEN.match(text)
    if found is None or not float(found[1]):
        raise ValueError(f'{text!r} is no budget; write "200 MB/day" or "60/hour"')
    number, unit, period = found.groups()
    scale = _BYTES[unit] if unit else 1
    return Amount(float(number) * scale, "bytes" if unit else "samples", _PERIOD_S[period] * 10**9)
