"""Compile a model into a TensorRT plan for this device.

Takes seconds to many minutes, and all of the GPU. The plan is used on this device alone, and only
when it was verified on photographs: on those of `--images`, else by `gleancam models verify`. The
first int8 file of a model is calibrated on them too, or on what waits in the site's spool.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

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
from gleancam.opening import verify_command
from gleancam_engines.compile import compile_model
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.planes import Planes
from gleancam_engines.receipt import Result
from gleancam_engines.trt.plans import KEEP, prune
from gleancam_engines.trt.record import Plan, PlanRecord
from gleancam_engines.trt.settings import Settings, read_settings
from gleancam_engines.variants import variant_path
from gleancam_engines.verify import verify

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
        "--keep",
        type=int,
        default=KEEP,
        metavar="N",
        help="plans of this precision that stay, the new one included (default: %(default)s)",
    )
    _configure_settings(action)
    add_pictures(action)
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
    """Compile, and verify where there are pictures to verify on.

    Raises:
        EngineError: there is no device, or the model cannot be compiled or run; says why.
    """
    directory = args.directory / args.name
    pictures = _pictures(directory, args)
    started = time.monotonic()
    with step_bars(Console(stderr=True), disable=args.json) as tell:
        plan = compile_model(
            directory,
            precision=args.precision,
            batches=args.batch or usual_batches(directory),
            pictures=pictures,
            settings=_settings(directory, args),
            tell=tell,
        )
        seconds = time.monotonic() - started
        result = verify(directory, _opening(plan), pictures, tell).result if pictures else None
    _report(args, plan, seconds, result, prune(directory, max(1, args.keep)))
    return 0 if result is None or result.passed else MODEL_EXIT_CODE


def _pictures(directory: Path, args: argparse.Namespace) -> tuple[Planes, ...]:
    """Return those that were named; the site's own where int8 cannot do without."""
    variant = variant_path(directory, load(directory), args.precision)
    calibrating = args.precision == "int8" and not variant.is_file()
    return read_pictures(args) if args.images or calibrating else ()


def _opening(plan: Plan) -> Opening:
    batches = tuple(sorted(profile.tuned for profile in plan.key.profiles))
    return Opening("tensorrt", plan.key.precision, batches=batches)


def _settings(directory: Path, args: argparse.Namespace) -> Settings | None:
    """Return what was set on the command line over what was set before; None: nothing new."""
    if args.workspace is None and args.version_compatible is None:
        return None
    before = read_settings(directory)
    mib = before.workspace_mib if args.workspace is None else args.workspace or None
    compatible = args.version_compatible
    return Settings(mib, before.version_compatible if compatible is None else compatible)


def _report(
    args: argparse.Namespace,
    plan: Plan,
    seconds: float,
    result: Result | None,
    pruned: Sequence[PlanRecord],
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
        "deleted": ", ".join(record.key.digest for record in pruned),
        "verified": _held(result),
        "next": "" if result else verify_command(plan.path.parents[1], _opening(plan)),
    }
    if args.json:
        print(json.dumps(answer))
        return
    table = Table(box=None, show_header=False)
    for name, value in answer.items():
        table.add_row(name.replace("_", " "), str(value))
    Console().print(table)


def _held(result: Result | None) -> str:
    if result is None:
        return "no"
    how = "yes" if result.passed else "failed"
    return f"{how}, {result.measure} {result.value:.5f} (at least {result.bar})"


def _mebibytes(text: str) -> int:
    """Return a limit in MiB, 0 for `auto`."""
    if text == "auto":
        return 0
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 'auto' or a number of MiB: {text!r}")
    return int(text)
