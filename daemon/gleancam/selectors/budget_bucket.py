"""The token bucket: what may be spent now, what is under way, what is owed."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.selectors.budget_amount import Amount

RESERVE = 0.03
"""Share of a period's budget that is held back for bursts until its last stretch."""
STRETCH = 1 / 24
"""Share of the period: an hour of a day. The last one releases the reserve."""
_HASTE = 1.25
_AHEAD = 0.125
"""How much faster than the work tokens are handed out, and how many are there to begin with."""
_FIRST_GUESS_BYTES = 100_000.0
_WEIGHT = 0.1
_MOST_UNDER_WAY = 64
"""More than fit between the selection and the spool: the oldest is settled as estimated."""
_LARGER = 1.5
"""A sample under way may turn out this much larger than the largest before it."""


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A sample that was chosen, and what it may cost."""

    estimate: float
    reserved: bool


class Bucket:
    """Counts one budget, period after period.

    Tokens are handed out as the period's work gets done, a quarter faster, and an eighth of them
    at once; what is not spent stays for later in the period. 3 in 100 are the burst reserve: for
    what is worth it at any time, for everything in the last hour. A sample is charged
    by an estimate when it is chosen, and settled by what it really cost. One is afforded while
    anything is left, so the last may overshoot; what it overshoots is owed by the next period.

    `reserve` sets a part of every period aside, of which only reserved samples live: `limit` is
    what remains for all others. A reserved sample is never refused; what these cost beyond
    their part is taken from the others.

    The clock only goes forward, and only while frames come: wall time, restarts and the time
    between two runs hand out nothing.
    """

    def __init__(self, amount: Amount) -> None:
        self.amount = amount
        self.elapsed_ns = 0
        self.periods = 0
        self.spent = 0.0
        self.reserved = 0.0
        self.reserved_spent = 0.0
        in_samples = amount.unit == "samples"
        self.usual_cost = 1.0 if in_samples else _FIRST_GUESS_BYTES
        self.largest_cost = 1.0 if in_samples else 0.0
        self._under_way: dict[str, _UnderWay] = {}
        self._latest_ns: int | None = None

    @property
    def phase(self) -> float:
        """Where in the period it is now, 0…1."""
        return self.elapsed_ns / self.amount.period_ns

    @property
    def limit(self) -> float:
        """What samples that are not reserved may cost in a period."""
        return self.amount.limit - self.reserved

    @property
    def charged(self) -> float:
        """What samples that are not reserved have cost in the period, with estimates."""
        return self.spent + self._estimated(reserved=False)

    @property
    def reserved_charged(self) -> float:
        """What reserved samples have cost in the period, with estimates."""
        return self.reserved_spent + self._estimated(reserved=True)

    @property
    def left(self) -> float:
        """What the rest of the period may still cost; the burst reserve counts in the last hour."""
        held = 0.0 if self._in_last_stretch() else RESERVE
        return max(0.0, self.limit * (1 - held) - self.charged - self._borrowed)

    def reserve(self, cost_per_period: float) -> None:
        """Set so much aside in every period for samples that are charged as reserved.

        Raises:
            ValueError: it is negative, or leaves nothing for others.
        """
        if not 0 <= cost_per_period < self.amount.limit:
            raise ValueError(
                f"cannot set {cost_per_period:g} {self.amount.unit} aside"
                f" of {self.amount.limit:g}: reserve less, or raise the budget"
            )
        self.reserved = cost_per_period

    def advance(self, mono_ns: int) -> bool:
        """Look at the time; True when a new period began."""
        passed_ns = 0 if self._latest_ns is None else max(0, mono_ns - self._latest_ns)
        self._latest_ns = mono_ns if passed_ns or self._latest_ns is None else self._latest_ns
        over, self.elapsed_ns = divmod(self.elapsed_ns + passed_ns, self.amount.period_ns)
        if over:
            owed = max(0.0, self.reserved_spent - self.reserved)
            self.spent = max(0.0, self.spent + owed - over * self.limit)
            self.reserved_spent = 0.0
            self.periods += over
        return over > 0

    def affords(self, done: float, *, burst: bool) -> bool:
        """Whether one sample more may be chosen, whatever those under way turn out to cost.

        `done` is the share of the period's work that lies behind, 0…1. Reserved samples need not
        ask.
        """
        available = self._handed_out(done, burst=burst) - self.spent - self._borrowed
        under_way = sum(not each.reserved for each in self._under_way.values())
        return available - max(under_way * self._worst_cost(), self._estimated(reserved=False)) > 0

    def charge(self, sample_id: str, *, reserved: bool = False) -> None:
        """A sample was chosen."""
        self._under_way[sample_id] = _UnderWay(self.usual_cost, reserved)
        if len(self._under_way) > _MOST_UNDER_WAY:
            oldest = self._under_way.pop(next(iter(self._under_way)))
            self._pay(oldest.estimate, reserved=oldest.reserved)

    def settle(self, sample_id: str, wire_bytes: int) -> None:
        """A sample, or an event that nobody had charged, was made ready to be sent."""
        found = self._under_way.pop(sample_id, None)
        if self.amount.unit == "samples":
            if found is not None:
                self._pay(found.estimate, reserved=found.reserved)
            return
        if found is not None:
            weight = _WEIGHT if self.largest_cost else 1.0
            self.largest_cost = max(self.largest_cost, wire_bytes)
            self.usual_cost += weight * (wire_bytes - self.usual_cost)
        self._pay(wire_bytes, reserved=found is not None and found.reserved)

    def _pay(self, cost: float, *, reserved: bool) -> None:
        if reserved:
            self.reserved_spent += cost
        else:
            self.spent += cost

    def _estimated(self, *, reserved: bool) -> float:
        return sum(way.estimate for way in self._under_way.values() if way.reserved is reserved)

    @property
    def _borrowed(self) -> float:
        """By how much reserved samples exceed their part, whatever those under way turn out to."""
        under_way = sum(each.reserved for each in self._under_way.values())
        worst = max(under_way * self._worst_cost(), self._estimated(reserved=True))
        return max(0.0, self.reserved_spent + worst - self.reserved)

    def _worst_cost(self) -> float:
        if self.amount.unit == "samples":
            return 1.0
        return _LARGER * max(self.largest_cost, self.usual_cost)

    def _handed_out(self, done: float, *, burst: bool) -> float:
        share = min(1 - RESERVE, _HASTE * done + _AHEAD)
        if burst or self._in_last_stretch():
            share += RESERVE
        return self.limit * share

    def _in_last_stretch(self) -> bool:
        return self.phase >= 1 - STRETCH
