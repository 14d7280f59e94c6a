"""`python -m soak --hours 0.5`: run, print what drifted, and with `--write` renew the page."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from gleancam.demo.footage import fetch_footage
from gleancam.demo.site import Plan, Site
from gleancam_engines.fetching.progress import silent
from soak.page import table, write_page
from soak.running import Reading, Soak, laws, stored

ROOT = Path(__file__).parents[2]
LEAST = 8
"""Readings, or there is nothing to say."""


def main() -> int:
    arguments = argparse.ArgumentParser(prog="soak", description=__doc__)
    arguments.add_argument("--hours", type=float, default=0.5)
    arguments.add_argument("--out", type=Path, default=Path("soak-out"))
    arguments.add_argument("--write", action="store_true", help="renew tests/bench/SOAK.md")
    arguments.add_argument("--again", action="store_true", help="only draw what --out has")
    asked = arguments.parse_args()
    file = asked.out / "readings.jsonl"
    wrong = [] if asked.again else _run(asked.hours, asked.out, file)
    readings = stored(file)
    if len(readings) < LEAST:
        print(f"only {len(readings)} readings: run longer")
        return 1
    print("\n".join(table(readings)))
    print("\n".join(f"does not add up: {law}" for law in wrong))
    if asked.write:
        write_page(readings, ROOT / "tests" / "bench")
    return 1 if wrong else 0


def _run(hours: float, out: Path, file: Path) -> list[str]:
    footage = fetch_footage(ROOT / ".cache" / "footage", silent)
    plan = Plan(Path(__file__).with_name("soak.toml"), footage, out, ROOT / ".cache" / "models")
    out.mkdir(parents=True)
    site = Site(plan)
    try:
        site.wait_until_ready()
        with file.open("w") as lines:
            for reading in Soak(site).readings(hours * 3600):
                lines.write(json.dumps(reading) + "\n")
                lines.flush()
                _say(reading)
        _, counts = site.stop_daemon()
        site.stop_consumer()
        return laws(counts)
    finally:
        site.kill()


def _say(reading: Reading) -> None:
    said = ", ".join(f"{name} {value:.6g}" for name, value in reading.items() if value is not None)
    print(said, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
