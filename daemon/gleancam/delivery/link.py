"""What one tariff of a link allows: bytes a second, and in any 24 hours. No clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gleancam.delivery.day_ledger import DayLedger
from gleancam.delivery.token_bucket import TokenBucket

BURST_S = 2
"""Of its rate, how much a link may take at once."""
BULK_SHARE = 2
"""Of a day's bytes the backlog gets at most a part in so many; the rest is for what comes."""

Refusal: TypeAlias = Literal["rate", "budget"]


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit.

    Attributes:
        rate: bytes a second.
        day: bytes in any 24 hours.
    """

    rate: int | None = None
    day: int | None = None


UNLIMITED = Limits()


class Link:
    """Counts what goes and says what may.

    Attributes:
        ledger: to be stored; what is spent by the day.
    """

    def __init__(self, limits: Limits, ledger: DayLedger) -> None:
        self.limits = limits
        self.ledger = ledger
        self._bucket = None if limits.rate is None else TokenBucket(limits.rate, _burst(limits))

    def refusal(self, size: int, pending: int, mono_ns: int, lived_ns: int) -> Refusal | None:
        """Return what forbids so many bytes after `pending` others; None when nothing does."""
        if (left := self.left(lived_ns)) is not None:
            assert self.limits.day is not None  # noqa: S101 - `left` says so
            if left < min(size, self.limits.day // 2) + pending:
                return "budget"
        if self._bucket is not None and not self._bucket.lets(size, mono_ns, pending):
            return "rate"
        return None

    def takes_bulk(self, pending: int, lived_ns: int) -> bool:
        """Whether the backlog has something left of its part of the day."""
        day = self.limits.day
        return day is None or self.ledger.spent(lived_ns).bulk + pending < day // BULK_SHARE

    def left(self, lived_ns: int) -> int | None:
        """Return the day's bytes that are left, below 0 after debt; None without a limit."""
        day = self.limits.day
        return None if day is None else day - self.ledger.spent(lived_ns).total

    def spend(self, size: int, mono_ns: int, lived_ns: int, *, bulk: bool) -> None:
        """Note that so many bytes went."""
        self.ledger.spend(size, lived_ns, bulk=bulk)
        if self._bucket is not None:
            self._bucket.spend(size, mono_ns)


def _burst(limits: Limits) -> int:
    assert limits.rate is not None  # noqa: S101 - asked only with a rate
    return BURST_S * limits.rate
