"""Giving dead letters another chance."""

from __future__ import annotations

import argparse
from contextlib import closing

from gleancam.commands.spool.arguments import add_place, place
from gleancam.errors import ConfigurationError, SpoolError
from gleancam.spool.queue import Spool

NO_LIMIT = 1 << 62


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_place(parser)
    parser.add_argument("ids", nargs="*", metavar="ID", help="as `gleancam spool ls` prints them")
    parser.add_argument("--all", action="store_true", help="all dead letters")


def run(args: argparse.Namespace) -> int:
    """Make dead letters ready again; the daemon, which holds the spool, must be stopped.

    Raises:
        ConfigurationError: neither ids nor --all, or both.
        SpoolError: there is no spool, it is in use, or an id is no dead letter here.
    """
    if bool(args.ids) == args.all:
        raise ConfigurationError("nothing chosen", cure="name dead letters, or give --all")
    path = place(args)
    if not path.exists():
        raise SpoolError(f"there is no spool at {path}", cure="check spool.path")
    with closing(Spool.open(path, NO_LIMIT, 0)) as spool:
        count = spool.retry(None if args.all else args.ids)
    print(f"{count} dead letters are ready to be sent")
    if not args.all and count < len(set(args.ids)):
        missing = len(set(args.ids)) - count
        raise SpoolError(
            f"{missing} of the ids are no dead letters here", cure="see gleancam spool ls"
        )
    return 0
