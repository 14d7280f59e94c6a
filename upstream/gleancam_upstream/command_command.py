"""`gleancam-upstream command`: tell a device to do something, and hear what became of it."""

from __future__ import annotations

import argparse
import sys
import time
import uuid

import msgspec

from gleancam.wire.command import COMMANDS, MOST_SAMPLES, Command
from gleancam.wire.command_result import CommandResultData
from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics, checked_id
from gleancam_upstream.broker_arguments import add_broker, broker_of
from gleancam_upstream.commanding import give, was_done
from gleancam_upstream.findings import fails, write_findings


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "command",
        help=f"tell a device: {', '.join(COMMANDS)}",
        description="Exit code 1: it was not done, or no answer came in time; after doctor also "
        "when something cannot work.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("site", metavar="SITE")
    parser.add_argument("device", metavar="DEVICE")
    parser.add_argument("name", metavar="NAME", choices=sorted(COMMANDS), help=", ".join(COMMANDS))
    parser.add_argument("--camera", default="", help="for capture-now: this one only")
    parser.add_argument(
        "--on",
        action=argparse.BooleanOptionalAction,
        help="for metered, which needs one of them: whether bytes cost money now",
    )
    parser.add_argument(
        "--sample",
        action="append",
        default=[],
        metavar="ID",
        help=f"for fetch-sample: whose picture to send; up to {MOST_SAMPLES} times",
    )
    parser.add_argument(
        "--id", default="", help="new by itself; the same again has no second effect"
    )
    parser.add_argument(
        "--expires", type=int, default=60, metavar="S", help="no effect later (default: 60)"
    )
    parser.add_argument(
        "--wait", type=float, default=15.0, metavar="S", help="for the answer (default: 15)"
    )
    parser.add_argument("--prefix", default="gleancam", help="first level of all topics")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    add_broker(parser)


def run(arguments: argparse.Namespace) -> int:
    """Give the command; return the exit code.

    Raises:
        UpstreamError: the broker or a credential cannot be used.
        WireError: a name is no id, or `metered` comes without its switch.
    """
    if (arguments.name == "metered") is (arguments.on is None):
        raise WireError("metered needs --on or --no-on; no other command takes it")
    topics = Topics(arguments.prefix, arguments.site, arguments.device)
    command = Command(
        COMMANDS[arguments.name],
        checked_id(arguments.id or uuid.uuid4().hex),
        checked_id(arguments.camera, "camera") if arguments.camera else "",
        time.time_ns() + arguments.expires * 10**9,
        arguments.on,
        tuple(checked_id(one, "sample") for one in arguments.sample),
    )
    answer = give(
        broker_of(arguments),
        topics,
        command,
        expires_s=arguments.expires,
        wait_s=arguments.wait,
    )
    _print(command, answer, as_json=arguments.json)
    return 0 if was_done(answer) and not fails(answer) else 1


def _print(command: Command, answer: CommandResultData | None, *, as_json: bool) -> None:
    if as_json:
        empty = {"command": command.name, "id": command.id, "outcome": None}
        sys.stdout.write(msgspec.json.encode(answer or empty).decode() + "\n")
    elif answer is None:
        sys.stdout.write(
            f"{command.name}: no answer; until it expires it may still be done; "
            f"ask again with --id {command.id}\n"
        )
    else:
        why = f": {answer.why}" if answer.why else ""
        sys.stdout.write(f"{command.name}: {answer.outcome}{why}\n")
        for one in answer.missing:
            sys.stdout.write(f"not held: {one}\n")
        write_findings(answer, sys.stdout)
