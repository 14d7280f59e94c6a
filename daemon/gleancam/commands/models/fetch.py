"""Get models by name, or from a manifest of your own. Only files with the right hash are kept."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from gleancam.commands.download_bars import download_bars
from gleancam.commands.models.arguments import add_directory, add_json, origin
from gleancam.errors import ConfigurationError
from gleancam_engines.fetch import fetch
from gleancam_engines.fetching import convert

HELP = "get models by name"

ESSENTIAL = ("tiny-vit-5m", "yolox-nano")
"""What the default configuration, the demo and the tests run."""
CONVERTED = "picodet-416"
"""Also tested; made by a converter that does not run everywhere."""


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.add_argument(
        "names", nargs="*", metavar="NAME", help="of the list, or a directory with a manifest.toml"
    )
    action.add_argument(
        "--all",
        action="store_true",
        help=f"everything the demo and the tests run: {', '.join(ESSENTIAL)}, and {CONVERTED} "
        "where its converter runs (x86-64)",
    )
    add_directory(action)
    add_json(action)


def run(args: argparse.Namespace) -> int:
    """Fetch.

    Raises:
        ConfigurationError: nothing was named.
        EngineError: a model could not be had, or is not what its manifest says.
    """
    names = [*args.names, *(_everything() if args.all else ())]
    if not names:
        raise ConfigurationError("no model named", cure="name one, or use --all")
    fetched = {name: _with_bar(name, args) for name in names}
    if args.json:
        print(json.dumps({name: str(folder) for name, folder in fetched.items()}))
        return 0
    for folder in fetched.values():
        print(folder)
    return 0


def _everything() -> tuple[str, ...]:
    return (*ESSENTIAL, CONVERTED) if convert.runs_here() else ESSENTIAL


def _with_bar(name: str, args: argparse.Namespace) -> Path:
    with download_bars(Console(stderr=True), disable=args.json) as tell:
        return fetch(origin(name, args.directory), args.directory, tell)
