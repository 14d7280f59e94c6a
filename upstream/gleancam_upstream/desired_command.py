"""`gleancam-upstream desired`: ask a device for a configuration, and see what becomes of it."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec

from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics
from gleancam.wire.twin import DesiredData, ReportedData
from gleancam_upstream.broker_arguments import add_broker, broker_of
from gleancam_upstream.desiring import reports, settled


def add_desired(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "desired",
        help="ask a device for a configuration, or show what is in force",
        description="Exit code 1: it was refused or taken back, or nothing was settled in time.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("action", choices=("set", "clear", "show"))
    parser.add_argument("site", metavar="SITE")
    parser.add_argument("device", metavar="DEVICE")
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="for set: JSON, what is to be changed"
    )
    parser.add_argument(
        "--version", type=int, help="higher than the last one (default: seconds since 1970)"
    )
    parser.add_argument(
        "--wait", type=float, metavar="S", help="for the outcome (default: 600; show: 5)"
    )
    parser.add_argument("--prefix", default="gleancam", help="first level of all topics")
    add_broker(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask and listen; print every report as a line of JSON; return the exit code.

    Raises:
        UpstreamError: the broker or a credential cannot be used.
        WireError: a name is no id, or FILE is missing or no JSON object.
        OSError: FILE cannot be read.
    """
    topics = Topics(arguments.prefix, arguments.site, arguments.device)
    wish = _wish(arguments)
    wait_s = arguments.wait or (5.0 if wish is None else 600.0)
    for report in reports(broker_of(arguments), topics, wish, wait_s=wait_s):
        _print(report)
        if wish is None:
            return 0
        if (outcome := settled(report, wish.version)) is not None:
            return 0 if outcome else 1
    return 1


def _wish(arguments: argparse.Namespace) -> DesiredData | None:
    if arguments.action == "show":
        return None
    number = arguments.version or int(time.time())
    if arguments.action == "clear":
        return DesiredData(version=number, configuration={})
    if arguments.file is None:
        raise WireError("FILE is missing", cure="name a JSON file of what is to be changed")
    try:
        changes = msgspec.json.decode(arguments.file.read_bytes(), type=dict)
    except msgspec.MsgspecError as error:
        raise WireError(f"{arguments.file}: {error}", cure="write a JSON object") from error
    return DesiredData(version=number, configuration=changes)


def _print(report: ReportedData) -> None:
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    sys.stdout.flush()
