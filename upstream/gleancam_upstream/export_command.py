"""`gleancam-upstream labels export`: write a folder of samples as another tool wants it."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.exporting import Order, export_dataset
from gleancam_upstream.exporting.formats import FORMATS, chosen_format
from gleancam_upstream.exporting.splits import parsed_splits
from gleancam_upstream.exporting.view import print_export, shown_progress
from gleancam_upstream.exporting.wanted import Wanted, parsed_states


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "export",
        help="write the labels of a folder as COCO, YOLO, VOC, CVAT, Label Studio or FiftyOne",
        description="Exit code 1: a sample was damaged and is not in the export.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="written by `consume`")
    parser.add_argument("--format", choices=tuple(FORMATS), required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="is made anew")
    parser.add_argument("--split", default="", metavar="train=0.8,val=0.2", help="by scene")
    parser.add_argument("--min-score", type=float, default=0.0, metavar="X")
    parser.add_argument(
        "--state",
        default="",
        metavar="STATE[,STATE]",
        help="only labels in these states; without, all but the discarded",
    )
    parser.add_argument("--zero-based", action="store_true", help="voc: corners from 0")
    parser.add_argument(
        "--images",
        choices=("link", "copy"),
        default="link",
        help="hard links cost no room, but need one file system",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code.

    Raises:
        UpstreamError: the dataset, the target or an argument cannot be used.
    """
    order = Order(
        dataset=arguments.dataset,
        out=arguments.out,
        form=chosen_format(arguments.format, zero_based=arguments.zero_based),
        wanted=Wanted(
            min_score=_share(arguments.min_score),
            states=parsed_states(arguments.state),
            splits=parsed_splits(arguments.split),
        ),
        placing=arguments.images,
    )
    with shown_progress() as begin:
        report = export_dataset(order, begin)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        print_export(Console(), report)
    return 1 if report.problems else 0


def _share(number: float) -> float:
    if math.isnan(number) or not 0 <= number <= 1:
        raise ExportError(f"--min-score {number} is not in 0 to 1")
    return number
