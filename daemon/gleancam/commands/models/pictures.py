"""Pictures for an action: a folder of photographs, else what the site's cameras kept."""

from __future__ import annotations

import argparse
from pathlib import Path

from gleancam.config.file import DEFAULT_PATH, load
from gleancam.errors import ConfigurationError, SpoolError
from gleancam.site_pictures import read_site_pictures
from gleancam_engines.photographs import read_photographs
from gleancam_engines.planes import Planes

_CURE = "give photographs with --images DIR, or run the daemon until it has kept some"


def add_pictures(action: argparse.ArgumentParser) -> None:
    """Declare `--images`, and `--config` for where the site keeps its own."""
    action.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="JPEG and PNG photographs (default: what waits in the site's spool)",
    )
    action.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_PATH,
        metavar="FILE",
        help="which names the spool (default: %(default)s)",
    )


def read_pictures(args: argparse.Namespace) -> tuple[Planes, ...]:
    """Return the pictures that the arguments name.

    Raises:
        ConfigurationError: the site has none, or its configuration cannot be used.
        PictureError: the folder is missing or holds none, or a picture is damaged.
    """
    if args.images:
        return read_photographs(args.images)
    if not args.config.exists():
        what = f"no pictures: there is no configuration {args.config} that names a spool"
        raise ConfigurationError(what, cure=_CURE)
    try:
        found = read_site_pictures(Path(load(args.config).spool.path))
    except SpoolError as error:
        raise ConfigurationError(f"no pictures of this site ({error})", cure=_CURE) from error
    if not found:
        raise ConfigurationError("no pictures of this site wait in its spool", cure=_CURE)
    return found
