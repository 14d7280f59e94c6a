"""Compile a model into a TensorRT plan for this device.

Takes seconds to many minutes, and all of the GPU. The plan is used only here, and only after
`gleancam models verify`. int8 is calibrated on `--images`: best on frames that this site kept.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gleancam.commands.download_bars import step_bars
from gleancam.commands.models.arguments import add_directory, add_json, batch_sizes
from gleancam_engines.compile import compile_model
from gleancam_engines.manifest import load
from gleancam_engines.photographs import read_photographs
from gleancam_engines.trt.plans import KEEP, prune
from gleancam_engines.trt.record import Plan, PlanRecord
from gleancam_engines.trt.settings import Settings, read_settings

HELP = "compile a model for this device's GPU"


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.add_argument("name", metavar="NAME", help="a model in the directory")
    action.add_argument(
        "--precision",
        choices=("fp32", "fp16", "int8"),
        default="fp16",
        help="what it computes in (default: %(default)s)",
    )
    action.add_argument(
        "--batch",
        type=batch_sizes,
        metavar="N,…",
        help="pictures a call; as in the configuration: 1 and models.batch "
        "(default: 1,8, or what the model is fixed at)",
    )
    action.add_argument(
        "--images", type=Path, metavar="DIR", help="photographs to calibrate int8 on"
    )
    action.add_argument(
        "--keep",
        type=int,
        default=KEEP,
        metavar="N",
        help="plans of this precision that stay, the new one included (default: %(default)s)",
    )
    _configure_settings(action)
    add_directory(action)
    add_json(action)


def _configure_settings(action: argparse.ArgumentParser) -> None:
    settings = action.add_argument_group("settings, kept for this model")
    settings.add_argument(
        "--workspace",
        type=_mebibytes,
        metavar="MIB",
        help="limit on scratch memory; auto: a quarter of the device's, at most 4096",
    )
    settings.add_argument(
        "--version-compatible",
        action=argparse.BooleanOptionalAction,
        help="a plan that newer TensorRTs of the same major version load too; slower",
    )


def run(args: argparse.Namespace) -> int:
    """Compile.

    Raises:
        EngineError: there is no device, or the model cannot be compiled; the message says why.
    """
    directory = args.directory / args.name
    batches = args.batch or _usual(directory)
    pictures = read_photographs(args.images) if args.images else ()
    started = time.monotonic()
    with step_bars(Console(stderr=True), disable=args.json) as tell:
        plan = compile_model(
            directory,
            precision=args.precision,
            batches=batches,
            pictures=pictures,
            settings=_settings(directory, args),
            tell=tell,
        )
    _report(args, plan, time.monotonic() - started, prune(directory, max(1, args.keep)))
    return 0


def _usual(directory: Path) -> tuple[int, ...]:
    fixed = load(directory).inputs[0].shape[0]
    return (1, 8) if fixed == -1 else (fixed,)


def _settings(directory: Path, args: argparse.Namespace) -> Settings | None:
    """Return what was set on the command line over what was set before; None: nothing new."""
    if args.workspace is None and args.version_compatible is None:
        return None
    before = read_settings(directory)
    mib = before.workspace_mib if args.workspace is None else args.workspace or None
    compatible = args.version_compatible
    return Settings(mib, before.version_compatible if compatible is None else compatible)


def _report(
    args: argparse.Namespace, plan: Plan, seconds: float, pruned: tuple[PlanRecord, ...]
) -> None:
    answer = {
        "model": args.name,
        "precision": plan.key.precision,
        "device": plan.key.device,
        "tensorrt": plan.key.tensorrt,
        "batches": plan.key.batches,
        "workspace_mib": plan.key.workspace_bytes >> 20,
        "size_bytes": len(plan.content),
        "seconds": round(seconds, 1),
        "plan": str(plan.path),
        "deleted": [record.key.digest for record in pruned],
        "next": _next(args),
    }
    if args.json:
        print(json.dumps(answer))
        return
    table = Table(box=None, show_header=False)
    for name, value in answer.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        table.add_row(name.replace("_", " "), text)
    Console().print(table)


def _next(args: argparse.Namespace) -> str:
    """Return the command without which the daemon does not run the plan."""
    images = args.images or "DIR"
    return (
        f"gleancam models verify {args.name} --backend tensorrt --precision {args.precision} "
        f"--images {images}"
    )


def _mebibytes(text: str) -> int:
    """Return a limit in MiB, 0 for `auto`."""
    if text == "auto":
        return 0
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 'auto' or a number of MiB: {text!r}")
    return int(text)
