"""The command line. A command's module is imported only when that command is chosen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Protocol, cast

from gleancam.credentials import hide_credentials
from gleancam.errors import GleancamError, exit_code
from gleancam_engines.errors import EngineError

DESCRIPTION = "Decides which camera frames are worth sending, labels them, and delivers them."
INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


class CommandModule(Protocol):
    """What every module of `gleancam.commands` has."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it.

        Returns:
            The exit code.

        Raises:
            GleancamError: an expected failure; its text is all a person needs.
            EngineError: the same, about a model.
        """


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("run", "gleancam.commands.run", "run the daemon"),
    Command("check", "gleancam.commands.check", "say all that is wrong with a configuration"),
    Command("doctor", "gleancam.commands.doctor", "say what is wrong here, and the cure"),
    Command("replay", "gleancam.commands.replay", "show what would be kept of a video or a log"),
    Command("simulate", "gleancam.commands.simulate", "serve video files as RTSP cameras"),
    Command("demo", "gleancam.commands.demo", "see it work on real video"),
    Command("spool", "gleancam.commands.spool", "look into the spool"),
    Command("models", "gleancam.commands.models", "list and fetch models"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 2 configuration or usage, 3 model, 1 other."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    parser, modules = _parser(arguments)
    args = parser.parse_args(arguments)
    try:
        return modules[args.command].run(args)
    except (GleancamError, EngineError) as error:
        return _fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser(arguments: list[str]) -> tuple[argparse.ArgumentParser, dict[str, CommandModule]]:
    parser = argparse.ArgumentParser(prog="gleancam", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=version("gleancam"))
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    modules: dict[str, CommandModule] = {}
    for command in COMMANDS:
        subparser = subparsers.add_parser(command.name, help=command.help)
        if command.name == chosen:
            modules[chosen] = cast("CommandModule", import_module(command.module))
            subparser.description = modules[chosen].__doc__
            modules[chosen].configure(subparser)
    return parser, modules


def _fail(error: Exception) -> int:
    print(f"gleancam: {hide_credentials(str(error))}", file=sys.stderr)
    return exit_code(error)


if __name__ == "__main__":
    sys.exit(main())
