"""Measure how fast a model is on this device, beside the most arithmetic the device does.

`img/s` and `ms` are of 720p frames as a camera gives them, preprocessing included; `model ms` is
the model alone. `of GFLOP/s` compares the model's arithmetic a second with that of large matrix
products on the same backend, precision and threads, the device's ceiling. Other work on the
machine spoils all of it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from gleancam.commands.models.arguments import add_directory, add_json, batch_sizes
from gleancam.errors import ConfigurationError
from gleancam_engines.bench import Measurement, bench
from gleancam_engines.opening import BACKENDS, COMPUTES, Opening
from gleancam_engines.precision import PRECISIONS

HELP = "measure models on this device"


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.add_argument("names", nargs="+", metavar="NAME", help="models in the directory")
    action.add_argument(
        "--backend",
        action="append",
        choices=BACKENDS,
        help="what runs them; repeatable (default: auto)",
    )
    action.add_argument(
        "--precision",
        action="append",
        choices=PRECISIONS,
        help="what they compute in; repeatable (default: fp32)",
    )
    action.add_argument(
        "--batch",
        type=batch_sizes,
        default=(1, 8),
        metavar="N,…",
        help="frames a call (default: 1,8)",
    )
    action.add_argument(
        "--threads", type=int, default=2, metavar="N", help="of the CPU (default: %(default)s)"
    )
    action.add_argument(
        "--seconds",
        type=float,
        default=3.0,
        metavar="S",
        help="for each figure (default: %(default)s)",
    )
    add_directory(action)
    add_json(action)


def run(args: argparse.Namespace) -> int:
    """Measure.

    Raises:
        ConfigurationError: none of the backends computes in any of the precisions.
        EngineError: a model cannot be run.
    """
    openings = list(_openings(args))
    if not openings:
        raise ConfigurationError(
            "none of these backends computes in these precisions",
            cure="; ".join(f"{name}: {', '.join(known)}" for name, known in COMPUTES.items()),
        )
    measured = list(_measure(args, openings))
    if args.json:
        print(json.dumps(msgspec.to_builtins(measured)))
    else:
        Console().print(_table(measured))
    return 0


def _openings(args: argparse.Namespace) -> Iterator[Opening]:
    for backend, precision in product(args.backend or ["auto"], args.precision or ["fp32"]):
        if backend == "auto" or precision in COMPUTES[backend]:
            yield Opening(backend, precision, args.threads, args.batch)


def _measure(args: argparse.Namespace, openings: list[Opening]) -> Iterator[Measurement]:
    console = Console(stderr=True, quiet=args.json)
    with console.status("measuring") as status:
        for name, opening in product(args.names, openings):
            tell = status.update
            directory = Path(args.directory) / name
            yield from bench(directory, opening, seconds=args.seconds, tell=tell)


def _table(measured: list[Measurement]) -> Table:
    table = Table(box=None)
    for column in ("model", "backend"):
        table.add_column(column, overflow="fold")
    for column in ("batch", "img/s", "ms p50", "p95", "model ms", "of GFLOP/s"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in measured:
        table.add_row(*_cells(one))
    return table


def _cells(one: Measurement) -> tuple[str, ...]:
    ceiling = one.ceiling_gflops
    return (
        one.provenance.model_id.partition("@")[0],
        f"{one.provenance.backend} {one.provenance.precision}",
        str(one.batch),
        f"{one.images_per_s:.1f}",
        f"{one.p50_ms:.1f}",
        f"{one.p95_ms:.1f}",
        f"{one.model_ms:.1f}",
        "" if ceiling is None else f"{one.gflops / ceiling:.0%} of {ceiling:.0f}",
    )
