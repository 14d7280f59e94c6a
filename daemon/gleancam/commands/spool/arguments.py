"""Which spool is meant."""

from __future__ import annotations

import argparse
from pathlib import Path

from gleancam.config.file import DEFAULT_PATH, load


def add_place(parser: argparse.ArgumentParser) -> None:
    """Declare the two ways to name a spool."""
    named = parser.add_mutually_exclusive_group()
    named.add_argument("--config", type=Path, default=DEFAULT_PATH, metavar="FILE")
    named.add_argument("--path", type=Path, metavar="DB", help="the spool itself")


def place(args: argparse.Namespace) -> Path:
    """Return the spool's path.

    Raises:
        ConfigurationError: the configuration that names it cannot be used.
    """
    return args.path or Path(load(args.config).spool.path)
