"""`gleancam simulate`: RTSP cameras from video files."""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
from pathlib import Path

from gleancam.errors import ConfigurationError

_NAME = re.compile(r"[a-z0-9-]{1,64}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = "Play video files as RTSP cameras on the loopback interface."
    parser.add_argument("streams", nargs="+", metavar="NAME=FILE", help="one camera")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--codec", choices=("h264", "jpeg"), default="h264")
    parser.add_argument(
        "--loop",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="start a file again at its end, instead of ending the stream",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line when ready")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: a stream is not NAME=FILE, or the port is taken.
        SourceError: a file is missing or empty.
    """
    from gleancam.sources.simulator import Simulator

    simulator = Simulator(_streams(args.streams), port=args.port, codec=args.codec, loop=args.loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: simulator.stop())
    if args.json:
        _print(json.dumps({"port": simulator.port, "urls": simulator.urls}))
    else:
        for url in simulator.urls.values():
            _print(url)
    simulator.run()
    return 0


def _streams(arguments: list[str]) -> dict[str, Path]:
    streams: dict[str, Path] = {}
    for argument in arguments:
        name, equals, path = argument.partition("=")
        if not equals or not _NAME.fullmatch(name) or name in streams:
            raise ConfigurationError(
                f"{argument!r} is not NAME=FILE with a name of its own",
                cure="names have the letters a to z, digits and hyphens",
            )
        streams[name] = Path(path)
    return streams


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
