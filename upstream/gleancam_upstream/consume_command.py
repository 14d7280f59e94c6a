"""`gleancam-upstream consume`: write what a site's devices send into a folder."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from rich.console import Console

from gleancam_upstream.broker_arguments import add_broker, broker_of
from gleancam_upstream.consume import Consumer
from gleancam_upstream.counts import Counts
from gleancam_upstream.dataset import FolderDataset
from gleancam_upstream.ingest import Until, ingest
from gleancam_upstream.progress import Progress
from gleancam_upstream.report import print_report


def add_consume(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "consume",
        help="receive, verify, store and acknowledge samples",
        description="Runs until SIGINT or SIGTERM. Exit code 1: a message was invalid.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the dataset folder")
    parser.add_argument("--site", required=True, help="the site whose devices to receive")
    parser.add_argument("--prefix", default="gleancam", help="first level of all topics")
    parser.add_argument("--consumer", default="folder", help="name of this consumer; one process")
    parser.add_argument(
        "--camera",
        action="append",
        default=[],
        metavar="DEVICE/CAMERA",
        help="take only these, `*` is any; several times for several (default: all)",
    )
    parser.add_argument("--max-samples", type=int, metavar="N", help="end after N samples")
    parser.add_argument("--until-idle", type=float, metavar="S", help="end after S quiet seconds")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_broker(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code.

    Raises:
        UpstreamError: the broker, the folder or a credential cannot be used.
        WireError: a name is no id.
    """
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: stop.append(got))
    until = Until(arguments.max_samples, arguments.until_idle)
    with (
        FolderDataset(arguments.out) as dataset,
        _consumer(arguments, dataset) as consumer,
        Progress(consumer) as progress,
    ):
        ingest(consumer, dataset, until, stopped=lambda: bool(stop), progress=progress.show)
    _report(consumer.counts, as_json=arguments.json)
    return 1 if consumer.counts.failed else 0


def _consumer(arguments: argparse.Namespace, dataset: FolderDataset) -> Consumer:
    return Consumer(
        broker_of(arguments),
        site=arguments.site,
        consumer=arguments.consumer,
        seen=dataset.seen,
        prefix=arguments.prefix,
        manifests=dataset,
        cameras=arguments.camera,
    )


def _report(counts: Counts, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(counts.document()) + "\n")
    else:
        print_report(Console(), counts)
