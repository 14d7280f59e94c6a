"""`gleancam-upstream sheet`: one picture of what was kept."""

from __future__ import annotations

import argparse
from pathlib import Path

from gleancam_upstream.contact_sheet import write_sheet


def add_sheet(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser("sheet", help="draw the kept frames of a folder on one sheet")
    parser.set_defaults(run=run)
    parser.add_argument("dataset", type=Path, metavar="DIR", help="a folder written by `consume`")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .jpg to write")


def run(arguments: argparse.Namespace) -> int:
    """Write the sheet; return the exit code.

    Raises:
        DatasetError: there is no dataset, or it is empty or damaged.
    """
    write_sheet(arguments.dataset, arguments.out)
    return 0
