"""Run all steps, show each as it ends, and all of them as one table."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gpu.plan import Asked, steps
from gpu.step import Outcome, run

ROOT = Path(__file__).parents[2]
NAMES = ("tiny-vit-5m", "yolox-nano")
NO_GPU = 3


def main() -> int:
    asked = arguments()
    outcomes: dict[str, Outcome] = {}
    chosen = Asked(asked.models, asked.names or NAMES, asked.images, asked.seconds)
    for step in steps(chosen):
        sys.stderr.write(f"{step.name} …\n")
        outcomes[step.name] = run(step, outcomes)
    Console(width=None if sys.stdout.isatty() else 140).print(table(outcomes))
    if asked.json:
        asked.json.write_text(json.dumps(report(outcomes), indent=1) + "\n", encoding="utf-8")
    return code(outcomes)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/gpu/run.sh", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(NAMES)}")
    parser.add_argument(
        "--models",
        type=Path,
        default=ROOT / ".cache" / "models",
        metavar="DIR",
        help="where models lie, and plans will (default: %(default)s)",
    )
    parser.add_argument("--images", type=Path, metavar="DIR", help="photographs to verify on")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure of the bench")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here too")
    return parser.parse_args()


def table(outcomes: Mapping[str, Outcome]) -> Table:
    made = Table(title=f"{platform.node()}, {now()}, Python {platform.python_version()}", box=None)
    for column in ("step", "", "figure, or why not"):
        made.add_column(column, overflow="fold")
    for cells in lines(outcomes):
        made.add_row(*cells)
    return made


def lines(outcomes: Mapping[str, Outcome]) -> Iterator[tuple[str, str, str]]:
    for one in outcomes.values():
        for what, figure in one.rows:
            yield f"{one.name} {what}".strip(), one.state, figure


def report(outcomes: Mapping[str, Outcome]) -> dict[str, object]:
    return {
        "at": now(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "steps": [asdict(one) for one in outcomes.values()],
    }


def code(outcomes: Mapping[str, Outcome]) -> int:
    if any(one.state == "failed" for one in outcomes.values()):
        return 1
    return 0 if outcomes["driver"].state == "ok" else NO_GPU


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="minutes")


if __name__ == "__main__":
    sys.exit(main())
