"""What becomes of a wanted frame when only the budgets are asked."""

from __future__ import annotations

from dataclasses import replace

from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.policy import stopped
from gleancam.types import Decision, Reason


def judged(ration: Ration, decision: Decision, captured_ns: int) -> Decision:
    """As the policy does: a frame that is wanted and not afforded is over budget."""
    ranked = replace(decision, percentile=ration.rank(decision.score))
    if not decision.keep:
        return stopped(ranked, decision.reason)
    if ration.affords(decision, captured_ns):
        return ranked
    return stopped(ranked, Reason.OVER_BUDGET)
