"""Run models beside their reference, ONNX Runtime in fp32, on pictures; write a receipt of it.

The daemon runs a compiled model, or one in fewer bits than fp32, only with its receipt. Best are
pictures that the site's own cameras took: without `--images` those that wait in its spool are used.
int8 is calibrated on every second picture, where it is not yet, and verified on the others.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from gleancam.commands.download_bars import step_bars
from gleancam.commands.models.arguments import (
    add_directory,
    add_json,
    batch_sizes,
    usual_batches,
)
from gleancam.commands.models.pictures import add_pictures, read_pictures
from gleancam.errors import MODEL_EXIT_CODE
from gleancam_engines.opening import BACKENDS, Opening
from gleancam_engines.planes import Planes
from gleancam_engines.precision import PRECISIONS
from gleancam_engines.receipt import Receipt
from gleancam_engines.verify import verify

HELP = "check that models agree with their reference"


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.add_argument("names", nargs="+", metavar="NAME", help="models in the directory")
    action.add_argument(
        "--backend", choices=BACKENDS, default="auto", help="what runs them (default: auto)"
    )
    action.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="fp32",
        help="what they compute in (default: %(default)s)",
    )
    action.add_argument(
        "--batch",
        type=batch_sizes,
        metavar="N,…",
        help="pictures a call; as it was compiled (default: 1,8, or what the model is fixed at)",
    )
    action.add_argument(
        "--threads", type=int, default=2, metavar="N", help="of the CPU (default: %(default)s)"
    )
    add_pictures(action)
    add_directory(action)
    add_json(action)


def run(args: argparse.Namespace) -> int:
    """Verify; the exit code is 3 when a model does not agree.

    Raises:
        ConfigurationError: there are no pictures.
        EngineError: a model or its reference cannot be run, or the pictures are unfit.
    """
    pictures = read_pictures(args)
    receipts = [_verify(args.directory / name, args, pictures) for name in args.names]
    if args.json:
        print(json.dumps([_plain(receipt) for receipt in receipts]))
    else:
        Console().print(_table(receipts))
    return 0 if all(receipt.result.passed for receipt in receipts) else MODEL_EXIT_CODE


def _verify(directory: Path, args: argparse.Namespace, pictures: Sequence[Planes]) -> Receipt:
    batches = args.batch or usual_batches(directory)
    opening = Opening(args.backend, args.precision, args.threads, batches)
    with step_bars(Console(stderr=True), disable=args.json) as tell:
        return verify(directory, opening, pictures, tell)


def _plain(receipt: Receipt) -> dict[str, object]:
    return {**msgspec.to_builtins(receipt), "passed": receipt.result.passed}


def _table(receipts: Sequence[Receipt]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for column in ("model", "runs on"):
        table.add_column(column, overflow="fold")
    for column in ("pictures", "measure", "value", "mean", "needed"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for receipt in receipts:
        table.add_row(*_cells(receipt))
    return table


def _cells(receipt: Receipt) -> tuple[str, ...]:
    result = receipt.result
    return (
        receipt.subject.model_id.partition("@")[0],
        str(receipt.subject),
        str(receipt.pictures),
        result.measure,
        f"{result.value:.5f}",
        f"{result.mean:.4f}",
        f"{result.bar:.6g}",
        "agrees" if result.passed else "[bold red]fails[/]",
    )
