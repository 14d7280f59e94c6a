"""What became of each rule, as it becomes known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

Outcome: TypeAlias = Literal["passed", "failed", "not applicable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one rule; `seen` is what was seen, or why nothing could be."""

    rule: str
    says: str
    outcome: Outcome
    seen: str = ""


OnFinding: TypeAlias = Callable[[Finding], None]


@final
class Score:
    """One finding a rule: the first one stands, but a failure always does."""

    def __init__(self, rules: Mapping[str, str], tell: OnFinding) -> None:
        """Begin with nothing found; `tell` is given every finding as it is made."""
        self._rules, self._tell = rules, tell
        self._found: dict[str, Finding] = {}

    def passed(self, rule: str) -> None:
        """Note that a rule was followed."""
        self._note(rule, "passed", "")

    def failed(self, rule: str, seen: str) -> None:
        """Note that a rule was broken, and by what."""
        self._note(rule, "failed", seen)

    def skipped(self, rule: str, why: str) -> None:
        """Note that it cannot be told whether a rule is followed."""
        self._note(rule, "not applicable", why)

    def judge(self, rule: str, wrong: str) -> None:
        """Note a failure if something is `wrong`, else that the rule was followed."""
        self._note(rule, "failed" if wrong else "passed", wrong)

    def has(self, rule: str) -> bool:
        """Whether something was found about a rule."""
        return rule in self._found

    def skip_rest(self, why: str) -> None:
        """Note for all rules without a finding why there is none."""
        for rule in self._rules:
            if rule not in self._found:
                self.skipped(rule, why)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, in the order of the rules."""
        return tuple(self._found[rule] for rule in self._rules if rule in self._found)

    def _note(self, rule: str, outcome: Outcome, seen: str) -> None:
        before = self._found.get(rule)
        if before is not None and (before.outcome == "failed" or outcome != "failed"):
            return
        self._found[rule] = Finding(rule, self._rules[rule], outcome, seen)
        self._tell(self._found[rule])
