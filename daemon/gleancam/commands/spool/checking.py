"""Checking a spool, and mending what can be mended safely."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from gleancam.commands.spool.arguments import add_place, place
from gleancam.spool.fsck import Finding, examine
from gleancam.spool.repair import repair

SOMETHING_WRONG = 4
"""As fsck(8): errors were left uncorrected."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--repair", action="store_true", help="mend what can be; the daemon must be stopped"
    )


def run(args: argparse.Namespace) -> int:
    """Read the whole spool and say what is wrong: exit code 0 nothing, 4 something, 1 unread.

    With --repair, 0 means that nothing is wrong any more.
    """
    path = place(args)
    found = examine(path)
    mended: list[str] = []
    if args.repair and found:
        mended = repair(path)
        found = examine(path)
    _print(found, mended, as_json=args.json)
    return SOMETHING_WRONG if found else 0


def _print(found: list[Finding], mended: list[str], *, as_json: bool) -> None:
    if as_json:
        report = {"ok": not found, "findings": list(map(asdict, found)), "mended": mended}
        print(json.dumps(report))
        return
    for line in mended:
        print(f"mended: {line}")
    for finding in found:
        print(f"{finding.check}: {finding.what}\n  cure: {finding.cure}")
    if not found:
        print("nothing is wrong")
