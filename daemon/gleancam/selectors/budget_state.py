"""A budget as stored bytes: what must outlive a restart."""

from __future__ import annotations

import msgspec
import numpy as np

from gleancam.selectors.budget import BudgetController
from gleancam.selectors.budget_pace import HOURS


class BudgetState(msgspec.Struct, frozen=True, kw_only=True):
    """One budget. Stored as MessagePack.

    Attributes:
        space_id: of the embeddings that `threshold` is a distance of.
        elapsed_ns: since the period began.
        spent: in the period, with what was under way as it was estimated.
        today: candidates of the hours of this period; `usual` of those before, if there were any.
    """

    unit: str
    period_ns: int
    space_id: str
    elapsed_ns: int
    spent: float
    usual_cost: float
    largest_cost: float
    threshold: float
    today: tuple[float, ...]
    usual: tuple[float, ...] | None


def encode(budget: BudgetController, space_id: str) -> bytes:
    """Give the state of a budget."""
    bucket, pace = budget.bucket, budget.pace
    return msgspec.msgpack.encode(
        BudgetState(
            unit=bucket.amount.unit,
            period_ns=bucket.amount.period_ns,
            space_id=space_id,
            elapsed_ns=bucket.elapsed_ns,
            spent=bucket.charged,
            usual_cost=bucket.usual_cost,
            largest_cost=bucket.largest_cost,
            threshold=budget.threshold,
            today=tuple(pace.today.tolist()),
            usual=None if pace.usual is None else tuple(pace.usual.tolist()),
        )
    )


def restore(budget: BudgetController, content: bytes, space_id: str) -> bool:
    """Go on with a stored budget; False when it was one of another unit or period.

    The threshold is taken over only within one embedding space.

    Raises:
        ValueError: it is damaged.
    """
    try:
        state = msgspec.msgpack.decode(content, type=BudgetState)
    except msgspec.DecodeError as error:
        raise ValueError(f"a stored budget cannot be read: {error}") from error
    bucket, pace = budget.bucket, budget.pace
    if (state.unit, state.period_ns) != (bucket.amount.unit, bucket.amount.period_ns):
        return False
    if len(state.today) != HOURS or len(state.usual or state.today) != HOURS:
        raise ValueError(f"a stored budget has not {HOURS} hours")
    bucket.elapsed_ns, bucket.spent = state.elapsed_ns, state.spent
    bucket.usual_cost, bucket.largest_cost = state.usual_cost, state.largest_cost
    pace.today = np.array(state.today)
    pace.usual = None if state.usual is None else np.array(state.usual)
    if state.space_id == space_id:
        budget.percentile.level = state.threshold
    return True
