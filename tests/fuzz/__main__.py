"""`python -m fuzz`: hostile input for every parser; exit code 1 when one crashed or dawdled."""

from __future__ import annotations

import argparse
import faulthandler

from fuzz.parsers import parsers
from fuzz.running import Outcome, Parser, fuzz

SLOWEST_S = 0.5
"""CPU time that the worst input may cost. Readers take up to 4 MiB."""
HANG_S = 900


def main() -> int:
    arguments = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    arguments.add_argument("--inputs", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=20_261)
    asked = arguments.parse_args()
    return 1 if _table(asked.inputs, asked.seed) else 0


def _table(inputs: int, seed: int) -> bool:
    print(f"seed {seed}")
    print("| parser | inputs | accepted | refused | slowest ms | memory MB |")
    print("|---|---|---|---|---|---|")
    chosen = parsers()
    shares = sum(parser.share for parser in chosen)
    slow, total = [], 0
    for parser in chosen:
        outcome = _fuzz(parser, -(-inputs * parser.share // shares), seed)
        total += outcome.inputs
        _row(parser.name, outcome)
        if outcome.slowest_s > SLOWEST_S:
            slow.append(f"{parser.name}: {outcome.slowest_s:.2f} s for {outcome.slowest_input}")
    print(f"{total} inputs: each gave a value or the parser's own error")
    for line in slow:
        print(f"too slow: {line}")
    return bool(slow)


def _fuzz(parser: Parser, inputs: int, seed: int) -> Outcome:
    """A hang ends the process with a traceback of where."""
    faulthandler.dump_traceback_later(HANG_S, exit=True)
    try:
        return fuzz(parser, inputs, seed)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _row(name: str, outcome: Outcome) -> None:
    numbers = (outcome.inputs, outcome.accepted, outcome.refused)
    print(
        f"| {name} | {' | '.join(map(str, numbers))} | {outcome.slowest_s * 1000:.1f} "
        f"| {outcome.grown_bytes / 1e6:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
