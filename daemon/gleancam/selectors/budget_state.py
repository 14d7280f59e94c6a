"""A budget as stored bytes: what must outlive a restart."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from gleancam.selectors.budget import BudgetController
from gleancam.selectors.budget_demand import HOURS
from gleancam.selectors.budget_ladder import RUNGS
from gleancam.selectors.stored import decoded


class BudgetState(msgspec.Struct, frozen=True, kw_only=True):
    """One budget. Stored as MessagePack.

    Attributes:
        space_id: of the embeddings that events were counted of.
        finest: lowest rung of the ladder, a cosine distance.
        elapsed_ns: since the period began.
        spent: in the period, with what was under way as it was estimated; `reserved_spent` by
            reserved samples.
        today: events of the hours of this period, `(16, 24)` little-endian float32; `usual` of
            those before, if there were any.
    """

    unit: str
    period_ns: int
    space_id: str
    finest: float
    elapsed_ns: int
    spent: float
    reserved_spent: float
    usual_cost: float
    largest_cost: float
    today: bytes
    usual: bytes | None


def encode(budget: BudgetController, space_id: str) -> bytes:
    """Give the state of a budget."""
    bucket, demand = budget.bucket, budget.demand
    return msgspec.msgpack.encode(
        BudgetState(
            unit=bucket.amount.unit,
            period_ns=bucket.amount.period_ns,
            space_id=space_id,
            finest=budget.finest,
            elapsed_ns=bucket.elapsed_ns,
            spent=bucket.charged,
            reserved_spent=bucket.reserved_charged,
            usual_cost=bucket.usual_cost,
            largest_cost=bucket.largest_cost,
            today=_floats(demand.today),
            usual=None if demand.usual is None else _floats(demand.usual),
        )
    )


def restore(budget: BudgetController, content: bytes, space_id: str) -> bool:
    """Go on with a stored budget; False when it was one of another unit or period.

    What was counted is taken over only within one embedding space and for the same thresholds.

    Raises:
        ValueError: it is damaged.
    """
    state = decoded(content, BudgetState, "a stored budget")
    bucket = budget.bucket
    if (state.unit, state.period_ns) != (bucket.amount.unit, bucket.amount.period_ns):
        return False
    today = _counts(state.today)
    usual = None if state.usual is None else _counts(state.usual)
    bucket.elapsed_ns, bucket.spent = state.elapsed_ns, state.spent
    bucket.reserved_spent = state.reserved_spent
    bucket.usual_cost, bucket.largest_cost = state.usual_cost, state.largest_cost
    if (state.space_id, state.finest) == (space_id, budget.finest):
        budget.demand.today, budget.demand.usual = today, usual
    budget.rethink()
    return True


def _floats(counts: npt.NDArray[np.float64]) -> bytes:
    return counts.astype("<f4").tobytes()


def _counts(content: bytes) -> npt.NDArray[np.float64]:
    if len(content) != 4 * RUNGS * HOURS:
        raise ValueError(f"a stored budget has not {RUNGS} times {HOURS} counts")
    return np.frombuffer(content, "<f4").reshape(RUNGS, HOURS).astype(np.float64)
