"""Delivery against a bare client, and a large backlog: real broker, real spool, this disk.

make bench-delivery
PYTHONPATH=tests .venv/bin/python -m bench.delivery [--parcels N] [--pairs N] [--rows N]
    [--json] [--write]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.delivery_backlog import Backlog, backlog
from bench.delivery_page import page
from bench.delivery_rates import Pair, rates
from bench.delivery_subscriber import subscribed
from gleancam.demo.broker import start_broker

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Result:
    """Everything measured in one run."""

    parcels: int
    pairs: list[Pair]
    backlog: Backlog


def main() -> None:
    """Measure, print the page or JSON, and write DELIVERY.md when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=600, help="of 100 KB, in each drain")
    parser.add_argument("--pairs", type=int, default=11, help="of drains, device and bare client")
    parser.add_argument("--rows", type=int, default=100_000, help="of 4 KB, of the backlog")
    parser.add_argument("--runs", type=int, default=5, help="of opening and of the first sample")
    parser.add_argument(
        "--folder", type=Path, default=Path(".cache"), help="on the disk to measure"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--write", action="store_true", help="write DELIVERY.md")
    args = parser.parse_args()
    args.folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.folder) as made:
        result = measure(Path(made), args)
    text = page(result.parcels, result.pairs, result.backlog)
    if args.write:
        (HERE / "DELIVERY.md").write_text(text)
    print(json.dumps(asdict(result), indent=1) if args.json else text)


def measure(folder: Path, args: argparse.Namespace) -> Result:
    """Start a broker with somebody who reads everything, and measure."""
    broker, port = start_broker(folder / "broker")
    try:
        with subscribed(port):
            large = backlog(port, folder, args.rows, args.runs)
            return Result(args.parcels, list(rates(port, folder, args.parcels, args.pairs)), large)
    finally:
        broker.kill()


if __name__ == "__main__":
    main()
