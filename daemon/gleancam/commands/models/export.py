"""Export an open_clip model: image and text tower to ONNX, checked against torch.

Needs the `export` extra (torch, 1.5 GB), on any machine: the directory it makes can be copied to
the device. Weights come from the hub, which resumes a broken download, or from a file. The
preprocessing is compared with open_clip's own on the photographs of --images, else on made
pictures. What does not agree is not written.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from gleancam.commands.download_bars import step_bars
from gleancam.commands.models.arguments import add_directory, add_json
from gleancam_engines.export.exporting import Exported, export_model
from gleancam_engines.export.request import Request
from gleancam_engines.photographs import read_photographs

HELP = "make a model of an open_clip one"

PHOTOGRAPHS = 24
"""Enough for a mean that does not move any more."""


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.add_argument("model", metavar="MODEL", help="of open_clip, such as ViT-B-32")
    action.add_argument(
        "--pretrained",
        default="",
        metavar="TAG",
        help="the weights, such as openai; with --checkpoint: whose preprocessing and activation "
        "its weights follow, where they differ",
    )
    action.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="weights of your own: .safetensors, or .pt with a state_dict; nothing in it is run",
    )
    action.add_argument("--name", default="", help="of the model (default: of MODEL and TAG)")
    action.add_argument(
        "--images", type=Path, metavar="DIR", help="photographs to compare the preprocessing on"
    )
    action.add_argument(
        "--squash",
        action="store_true",
        help="squash frames to the model's shape where it was trained on the cropped centre: sees "
        "the sides of a wide picture",
    )
    action.add_argument("--image-only", action="store_true", help="leave the text tower out")
    add_directory(action)
    add_json(action)


def run(args: argparse.Namespace) -> int:
    """Export.

    Raises:
        EngineError: it cannot be had or made, or does not agree with the original; says why.
    """
    photographs = read_photographs(args.images, PHOTOGRAPHS) if args.images else ()
    started = time.monotonic()
    with step_bars(Console(stderr=True), disable=args.json) as tell:
        exported = export_model(_request(args), args.directory, photographs, tell)
    answer = _answer(exported, time.monotonic() - started)
    if args.json:
        print(json.dumps(answer))
    else:
        Console().print(_table(exported, answer))
    return 0


def _request(args: argparse.Namespace) -> Request:
    return Request(
        model=args.model,
        pretrained=args.pretrained,
        checkpoint=args.checkpoint,
        name=args.name,
        fit="squash" if args.squash else "reference",
        text=not args.image_only,
    )


def _answer(exported: Exported, seconds: float) -> dict[str, Any]:
    found = exported.preparation
    return {
        "directory": str(exported.directory),
        "model_id": exported.manifest.model_id,
        "space_id": exported.manifest.space_id,
        "files": exported.files,
        "difference": {"image": exported.image_difference, "text": exported.text_difference},
        "preprocessing": {
            "pictures": found.pictures,
            "photographs": found.photographs,
            "mean_levels": found.mean_levels,
            "worst_levels": found.worst_levels,
            "mean_cosine": found.mean_cosine,
            "least_cosine": found.least_cosine,
        },
        "seconds": round(seconds, 1),
    }


def _table(exported: Exported, answer: dict[str, Any]) -> Table:
    table = Table(box=None, show_header=False)
    for name in ("directory", "model_id", "space_id"):
        table.add_row(name.replace("_", " "), answer[name])
    for name, size_bytes in exported.files.items():
        table.add_row(name, f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else "")
    table.add_row("image to torch", f"{exported.image_difference:.1e} at most")
    if exported.text_difference is not None:
        table.add_row("text to torch", f"{exported.text_difference:.1e} at most")
    table.add_row("preprocessing", str(exported.preparation))
    table.add_row("seconds", str(answer["seconds"]))
    return table
