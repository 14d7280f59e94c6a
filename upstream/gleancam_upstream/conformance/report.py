"""How a trial looks to people and to programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gleancam_upstream.conformance.score import Finding, Outcome

_COLOURS: dict[Outcome, str] = {"passed": "green", "failed": "bold red", "not applicable": "dim"}


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print a line for each rule, and how many were passed, failed and not tried."""
    table = Table()
    table.add_column("rule", no_wrap=True)
    table.add_column("what is asked, and what was seen")
    table.add_column("outcome", no_wrap=True)
    for one in findings:
        said = f"{one.says}\n{one.seen}" if one.seen else one.says
        outcome = Text(one.outcome, style=_COLOURS[one.outcome])
        table.add_row(one.rule, Text(said), outcome)
    console.print(table)
    outcomes = [one.outcome for one in findings]
    console.print(", ".join(f"{outcomes.count(one)} {one}" for one in _COLOURS))


def findings_line(who: str, protocol: str, findings: Sequence[Finding]) -> str:
    """Return one line of JSON."""
    document = {"tried": who, "protocol": protocol, "passed": passed(findings)}
    return msgspec.json.encode({**document, "findings": findings}).decode()


def rules_page(rules: Mapping[str, str]) -> str:
    """Return the rules, one a line."""
    return "".join(f"{rule}  {says}\n" for rule, says in rules.items())


def passed(findings: Sequence[Finding]) -> bool:
    """Whether no rule was broken."""
    return all(one.outcome != "failed" for one in findings)
