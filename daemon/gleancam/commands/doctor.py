"""Say what is wrong with this machine and its site, and the cure. Changes nothing."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from gleancam.config.file import DEFAULT_PATH
from gleancam.doctor.examine import examine
from gleancam.doctor.finding import Finding, Level


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_PATH if DEFAULT_PATH.exists() else None,
        metavar="FILE",
        help=f"also look at what it names (default: {DEFAULT_PATH}, where there is one)",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON array")


def run(args: argparse.Namespace) -> int:
    """Examine everything.

    Returns:
        0, or 1 when something cannot work.
    """
    findings = []
    for finding in examine(args.config):
        findings.append(finding)
        if not args.json:
            print(_line(finding), flush=True)
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings]))
    return int(any(finding.level is Level.FAIL for finding in findings))


def _line(finding: Finding) -> str:
    cure = f"\n{'':16}cure: {finding.cure}" if finding.cure else ""
    return f"{finding.level.value:<5}{finding.part:<11}{finding.what}{cure}"
