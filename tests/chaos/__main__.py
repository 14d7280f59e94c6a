"""`python -m chaos`: break everything on purpose, then reckon; exit code 1 on a violation."""

from __future__ import annotations

import argparse
import json

from chaos.report import HEAD, document, line
from chaos.running import Outcome, run_all
from chaos.scenarios import SCENARIOS, Scenario, Size


def main() -> int:
    asked = _arguments()
    chosen = [one for one in SCENARIOS if not asked.only or one.name in asked.only]
    if not asked.json:
        print(f"seed {asked.seed}\n{HEAD}", flush=True)
    outcomes = []
    for scenario in chosen:
        outcome = run_all(scenario, _size(scenario, asked), asked.seed, asked.first)
        outcomes.append(outcome)
        if not asked.json:
            _say(outcome)
    if asked.json:
        print(json.dumps(document(outcomes, asked.seed)))
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=20_261)
    names = [one.name for one in SCENARIOS]
    parser.add_argument("--only", action="append", choices=names, help="repeatable")
    parser.add_argument("--small", action="store_true", help="the sizes of the tests")
    parser.add_argument("--runs", type=int, help="instead of each scenario's own")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first run")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser.parse_args()


def _size(scenario: Scenario, asked: argparse.Namespace) -> Size:
    size = scenario.test if asked.small else scenario.full
    return Size(asked.runs or size.runs, size.strength)


def _say(outcome: Outcome) -> None:
    print(line(outcome), flush=True)
    for violation in outcome.violations:
        print(f"VIOLATION, seed and run {violation}", flush=True)
    for folder in outcome.folders:
        print(f"left for a look: {folder}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
