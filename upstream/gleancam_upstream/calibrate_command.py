"""`gleancam-upstream labels calibrate`: how right labels of a score are, from reviewed ones."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from gleancam_engines.calibrations import write_calibration
from gleancam_upstream.calibrating.fitting import LEAST
from gleancam_upstream.calibrating.gathering import gather
from gleancam_upstream.calibrating.outcome import METHODS, calibrate
from gleancam_upstream.calibrating.report import document, print_outcome

AUTO = "auto"


def add_calibrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "calibrate",
        help="fit how right labels are, from reviewed ones",
        description="Writes a calibration for the committee that made the labels. Its error is "
        "measured on scenes that it was not fitted on.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="written by `consume`")
    parser.add_argument(
        "--reviewed", type=Path, required=True, metavar="FILE", help="true boxes, as COCO"
    )
    parser.add_argument(
        "--method",
        choices=(AUTO, *METHODS),
        default=AUTO,
        help="auto: the one that is likelier on what it was not fitted on; with scipy",
    )
    parser.add_argument("--least", type=_count, default=LEAST, metavar="N", help=_LEAST_HELP)
    parser.add_argument(
        "--committee", default="", metavar="DIGEST", help="where samples are of several"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write; default: <digest>.json here"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


_LEAST_HELP = f"labels that a class needs for a curve of its own (default {LEAST})"


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code.

    Raises:
        UpstreamError: the folder or the review cannot be used, or holds too little.
        CalibrationError: the calibration cannot be written.
    """
    gathered = gather(arguments.dataset, arguments.reviewed, arguments.committee)
    methods = METHODS if arguments.method == AUTO else (arguments.method,)
    outcome = calibrate(gathered, methods, arguments.least)
    path = arguments.out or Path(f"{gathered.committee.digest}.json")
    write_calibration(path, outcome.file)
    if arguments.json:
        sys.stdout.write(json.dumps(document(outcome, str(path))) + "\n")
    else:
        print_outcome(Console(), outcome, str(path))
    return 0


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count
