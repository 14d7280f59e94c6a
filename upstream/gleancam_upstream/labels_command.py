"""`gleancam-upstream labels …`: what can be done with labels once samples have arrived.

A subcommand is a module with a function `add_…(commands)`, and a line here.
"""

from __future__ import annotations

import argparse

from gleancam_upstream.calibrate_command import add_calibrate
from gleancam_upstream.export_command import add_export
from gleancam_upstream.revote_command import add_revote


def add_labels(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group and its subcommands."""
    parser = commands.add_parser("labels", help="work with the labels of received samples")
    below = parser.add_subparsers(required=True, metavar="COMMAND")
    add_calibrate(below)
    add_export(below)
    add_revote(below)
