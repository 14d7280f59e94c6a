"""Look into the spool, check it, mend it, and give dead letters another chance."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from gleancam.commands.spool import checking, looking, retrying


@dataclass(frozen=True, slots=True)
class SpoolAction:
    """One word after `gleancam spool`."""

    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


ACTIONS = {
    "ls": SpoolAction("list parcels", looking.configure_ls, looking.run_ls),
    "stat": SpoolAction("count them", looking.configure_stat, looking.run_stat),
    "fsck": SpoolAction("say what is wrong, and mend it", checking.configure, checking.run),
    "retry": SpoolAction("send dead letters again", retrying.configure, retrying.run),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, action in ACTIONS.items():
        description = f"{action.run.__doc__ or ''}".split("\n\n", maxsplit=1)[0]
        action.configure(actions.add_parser(name, help=action.help, description=description))


def run(args: argparse.Namespace) -> int:
    """Do what the chosen action does.

    Raises:
        ConfigurationError: the configuration that names the spool cannot be used.
        SpoolError: there is no spool, or it cannot be read, or it is in use.
    """
    return ACTIONS[args.action].run(args)
