"""`gleancam-upstream conformance`: does a consumer, or a device, follow the contract?"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping

from rich.console import Console

from gleancam.wire.topics import Topics, checked_id
from gleancam_upstream.broker_arguments import add_broker, broker_of
from gleancam_upstream.conformance.consumer_trial import try_consumer
from gleancam_upstream.conformance.device_trial import try_device
from gleancam_upstream.conformance.report import findings_line, passed, print_findings, rules_page
from gleancam_upstream.conformance.rules import CONSUMER, DEVICE
from gleancam_upstream.conformance.score import Finding, OnFinding
from gleancam_upstream.conformance.trial import Trial

_Try = Callable[[Trial, OnFinding], tuple[Finding, ...]]


def add_conformance(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, its two trials and their arguments."""
    parser = commands.add_parser(
        "conformance", help="check a consumer or a device, of whatever make, against the contract"
    )
    whom = parser.add_subparsers(required=True, metavar="WHOM")
    consumer = whom.add_parser(
        "consumer",
        help="play a device and look at what a consumer answers",
        description="Start the consumer before or after. Exit code 1: a rule was broken.",
    )
    _add(consumer, try_consumer, CONSUMER, patience_s=15)
    consumer.add_argument("--device", default="conformance", help="name of the device to play")
    consumer.add_argument("--consumer", default="", help="which one (default: who is online)")
    device = whom.add_parser(
        "device",
        help="play a consumer and look at what a device sends",
        description="It takes samples away. Exit code 1: a rule was broken.",
    )
    _add(device, try_device, DEVICE, patience_s=90)
    device.add_argument("--device", required=True, help="which one")
    device.add_argument("--consumer", default="conformance", help="name of the consumer to play")
    device.add_argument("--capture", action="store_true", help="have it take pictures for this")


def _add(
    parser: argparse.ArgumentParser, attempt: _Try, rules: Mapping[str, str], patience_s: float
) -> None:
    parser.set_defaults(run=run, attempt=attempt, rules=rules, capture=False)
    parser.add_argument("--list", action=_ListRules, rules=rules, help="print the rules, and end")
    parser.add_argument("--site", required=True)
    parser.add_argument("--prefix", default="gleancam", help="first level of all topics")
    parser.add_argument(
        "--patience",
        type=float,
        default=patience_s,
        metavar="S",
        help=f"the longest wait for each thing that has to come (default: {patience_s:g})",
    )
    parser.add_argument("--pid", type=int, help="kill this process at the end: is there a will?")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_broker(parser)


class _ListRules(argparse.Action):
    """Print the rules and end, whatever else is missing; as `--help` does."""

    def __init__(self, *args: object, rules: Mapping[str, str], **more: object) -> None:
        super().__init__(*args, nargs=0, **more)  # type: ignore[arg-type, misc]
        self._rules = rules

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        sys.stdout.write(rules_page(self._rules))
        parser.exit()


def run(arguments: argparse.Namespace) -> int:
    """Try it and print what was found; return the exit code.

    Raises:
        UpstreamError: the broker or a credential cannot be used, or several consumers are online.
        WireError: a name is no id.
    """
    attempt: _Try = arguments.attempt
    findings = attempt(_trial(arguments), _tell)
    if arguments.json:
        who = "consumer" if arguments.rules is CONSUMER else "device"
        sys.stdout.write(findings_line(who, arguments.protocol, findings) + "\n")
    else:
        print_findings(Console(), findings)
    return 0 if passed(findings) else 1


def _trial(arguments: argparse.Namespace) -> Trial:
    return Trial(
        broker_of(arguments),
        Topics(arguments.prefix, arguments.site, arguments.device),
        arguments.patience,
        _killer(arguments.pid),
        _say,
        checked_id(arguments.consumer, "consumer") if arguments.consumer else "",
        arguments.capture,
    )


def _killer(pid: int | None) -> Callable[[], None] | None:
    return None if pid is None else lambda: os.kill(pid, signal.SIGKILL)


def _tell(finding: Finding) -> None:
    _say(f"{finding.rule} {finding.outcome}" + f": {finding.seen}" * bool(finding.seen))


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
