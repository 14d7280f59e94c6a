"""The token bucket: what may be spent now, what is under way, what is owed."""

from __future__ import annotations

from gleancam.selectors.budget_amount import Amount

RESERVE = 0.05
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


class Bucket:
    """Counts one budget, period after period.

    Tokens are handed out as the period's work gets done, a quarter faster, and an eighth of them
    at once; what is not spent stays for later in the period. The last twentieth is the burst
    reserve: for what is worth it at any time, for everything in the last hour. A sample is charged
    by an estimate when it is chosen, and settled by what it really cost. One is afforded while
    anything is left, so the last may overshoot; what it overshoots is owed by the next period.

    `reserve` sets a part of every period aside for reserved samples: what they have not used of it
    is kept back from all others. They need not ask.

    The clock only goes forward, and only while frames come: wall time, restarts and the time
    between two runs hand out nothing.
    """

    def __init__(self, amount: Amount) -> None:
        self.amount = amount
        self._reserved = 0.0
        self._reserved_charged = 0.0
        self.elapsed_ns = 0
        self.periods = 0
        self.spent = 0.0
        in_samples = amount.unit == "samples"
        self.usual_cost = 1.0 if in_samples else _FIRST_GUESS_BYTES
        self.largest_cost = 1.0 if in_samples else 0.0
        self._under_way: dict[str, float] = {}
        self._latest_ns: int | None = None

    @property
    def phase(self) -> float:
        """Where in the period it is now, 0…1."""
        return self.elapsed_ns / self.amount.period_ns

    @property
    def charged(self) -> float:
        """What the period has cost so far, with estimates for what is under way."""
        return self.spent + sum(self._under_way.values())

    @property
    def left(self) -> float:
        """What the rest of the period may still cost; the reserve counts in the last hour."""
        held = 0.0 if self._in_last_stretch() else RESERVE
        return max(0.0, self._limit * (1 - held) - self.charged)

    def reserve(self, cost_per_period: float) -> None:
        """Set so much aside in every period for samples that are charged as reserved.

        Raises:
            ValueError: it is negative, or leaves nothing for others.
        """
        if not 0 <= cost_per_period < self.amount.limit:
            raise ValueError(f"cannot set {cost_per_period:g} of {self.amount.limit:g} aside")
        self._reserved = cost_per_period

    def advance(self, mono_ns: int) -> bool:
        """Look at the time; True when a new period began."""
        passed_ns = 0 if self._latest_ns is None else max(0, mono_ns - self._latest_ns)
        self._latest_ns = mono_ns if passed_ns or self._latest_ns is None else self._latest_ns
        over, self.elapsed_ns = divmod(self.elapsed_ns + passed_ns, self.amount.period_ns)
        self.spent = max(0.0, self.spent - over * self.amount.limit)
        self.periods += over
        self._reserved_charged = 0.0 if over else self._reserved_charged
        return over > 0

    def affords(self, done: float, *, burst: bool) -> bool:
        """Whether one sample more may be chosen, whatever those under way turn out to cost.

        `done` is the share of the period's work that lies behind, 0…1.
        """
        available = self._handed_out(done, burst=burst) - self.spent
        worst = len(self._under_way) * self._worst_cost()
        return available - max(worst, sum(self._under_way.values())) > 0

    def charge(self, sample_id: str, *, reserved: bool = False) -> None:
        """A sample was chosen."""
        self._under_way[sample_id] = self.usual_cost
        self._reserved_charged += self.usual_cost if reserved else 0.0
        if len(self._under_way) > _MOST_UNDER_WAY:
            self.spent += self._under_way.pop(next(iter(self._under_way)))

    def settle(self, sample_id: str, wire_bytes: int) -> None:
        """A sample, or an event that nobody had charged, was made ready to be sent."""
        if self.amount.unit == "samples":
            self.spent += self._under_way.pop(sample_id, 0.0)
            return
        if self._under_way.pop(sample_id, None) is not None:
            self.largest_cost = max(self.largest_cost, wire_bytes)
            weight = _WEIGHT if self.spent else 1.0
            self.usual_cost += weight * (wire_bytes - self.usual_cost)
        self.spent += wire_bytes

    def _worst_cost(self) -> float:
        if self.amount.unit == "samples":
            return 1.0
        return _LARGER * max(self.largest_cost, self.usual_cost)

    def _handed_out(self, done: float, *, burst: bool) -> float:
        share = min(1 - RESERVE, _HASTE * done + _AHEAD)
        if burst or self._in_last_stretch():
            share += RESERVE
        return self._limit * share

    @property
    def _limit(self) -> float:
        """What the period may cost, without what is still kept back for reserved samples."""
        return self.amount.limit - max(0.0, self._reserved - self._reserved_charged)

    def _in_last_stretch(self) -> bool:
        return self.phase >= 1 - STRETCH
