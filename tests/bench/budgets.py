"""Budgets over simulated days, against a k-center that knows the whole day.

    PYTHONPATH=tests .venv/bin/python -m bench.budgets [--seeds 11 12 13] [--cases WORD] [--json]

About 20 seconds a day on one core.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict

from simulated_kinds import CASES, Result, measure


def main() -> None:
    """Measure, and print a table or a JSON array."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(11, 17)))
    parser.add_argument("--cases", default="", help="only those whose name holds this")
    parser.add_argument("--json", action="store_true", help="print a JSON array")
    args = parser.parse_args()
    cases = [case for case in CASES if args.cases in case.name]
    results = [result for case in cases for seed in args.seeds for result in measure(case, seed)]
    print(json.dumps([asdict(each) for each in results], indent=1) if args.json else table(results))


def table(results: Iterable[Result]) -> str:
    """A row for each day of each case: least and greatest over the seeds."""
    rows: defaultdict[tuple[str, int], list[Result]] = defaultdict(list)
    for result in results:
        rows[result.case, result.day].append(result)
    head = "| case | day | spent | of k-center's coverage: least, median, greatest |"
    return "\n".join([head, "|---|---|---|---|", *(_row(*key, each) for key, each in rows.items())])


def _row(case: str, day: int, results: list[Result]) -> str:
    spent = sorted(each.spent for each in results)
    covered = sorted(each.covered / each.oracle for each in results)
    median = covered[len(covered) // 2]
    return (
        f"| {case} | {day} | {spent[0]:.0%} to {spent[-1]:.0%} "
        f"| {covered[0]:.0%}, {median:.0%}, {covered[-1]:.0%} |"
    )


if __name__ == "__main__":
    main()
