"""`gleancam-upstream labels`: what can be done with the labels of received samples."""

from __future__ import annotations

import argparse

from gleancam_upstream.export_command import add_export


def add_labels(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and what is below it."""
    parser = commands.add_parser("labels", help="export labels")
    below = parser.add_subparsers(required=True, metavar="COMMAND")
    add_export(below)
