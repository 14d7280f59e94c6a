"""Models by manifest: see what there is, and bring it here. The hash decides what a file is."""

from __future__ import annotations

import argparse
from types import ModuleType

from gleancam.commands.models import bench, export, fetch, listing, prototypes, verify
from gleancam.commands.models import compile as compiling

ACTIONS: dict[str, ModuleType] = {
    "list": listing,
    "fetch": fetch,
    "export": export,
    "prototypes": prototypes,
    "compile": compiling,
    "verify": verify,
    "bench": bench,
}
"""By name; each module has `HELP`, `configure` and `run`, as a command has."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, module in ACTIONS.items():
        action = actions.add_parser(name, help=module.HELP, description=module.__doc__)
        module.configure(action)


def run(args: argparse.Namespace) -> int:
    """Do what the chosen action does.

    Raises:
        ConfigurationError: an argument cannot be used.
        EngineError: a model could not be had, made or run.
    """
    code: int = ACTIONS[args.action].run(args)
    return code
