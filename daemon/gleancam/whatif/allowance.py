"""What a policy's budgets allowed, and what was spent of them."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.selectors.budget_amount import Amount, parse_amount
from gleancam.whatif.rerun import Rerun


@dataclass(frozen=True, slots=True)
class Allowance:
    """One budget and its use.

    Attributes:
        account: `site`, or `camera/` and the camera's id.
        text: the budget as written.
        used: bytes or samples.
        allowed: the whole first period, and of later ones as much as lies behind.
    """

    account: str
    text: str
    amount: Amount
    used: float
    allowed: float

    @property
    def share(self) -> float:
        """Used of what was allowed."""
        return self.used / self.allowed


def allowances(rerun: Rerun) -> list[Allowance]:
    """Every budget of the policy that applies to what was seen."""
    policy, seen = rerun.policy, {frame.observation.camera_id for frame in rerun.frames}
    written = {"site": policy.selection.budget}
    written |= {
        f"camera/{camera.id}": camera.budget for camera in policy.cameras if camera.id in seen
    }
    return [_allowance(rerun, name, text) for name, text in written.items() if text is not None]


def _allowance(rerun: Rerun, account: str, text: str) -> Allowance:
    amount = parse_amount(text)
    paid = [
        rerun.wire_bytes[index] if amount.unit == "bytes" else 1
        for index in rerun.kept
        if account in {"site", f"camera/{rerun.frames[index].observation.camera_id}"}
    ]
    periods = max(1.0, watched_ns(rerun) / amount.period_ns)
    return Allowance(account, text, amount, sum(paid), amount.limit * periods)


def watched_ns(rerun: Rerun) -> int:
    """From the first frame to the last, by UTC."""
    times = [frame.observation.captured_ns for frame in rerun.frames]
    return max(times) - min(times)
