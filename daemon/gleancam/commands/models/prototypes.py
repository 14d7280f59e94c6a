"""Turn text prompts into prototypes: a small file that names classes in a model's embedding space.

Runs where the model was exported, through its text tower; the device needs the file alone. FILE is
TOML:

    templates = ["a photo of {}.", "{} on a camera at night."]

    [classes]
    person = ["a person", "a pedestrian"]
    empty = ["an empty street"]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from gleancam.commands.download_bars import step_bars
from gleancam.commands.models.arguments import add_directory, add_json
from gleancam_engines import prototypes
from gleancam_engines.export.prompts import read_prompts
from gleancam_engines.export.prototyping import make_prototypes

HELP = "turn text prompts into classes of an exported model"


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.formatter_class = argparse.RawDescriptionHelpFormatter
    action.add_argument("name", metavar="NAME", help="an exported model in the directory")
    action.add_argument(
        "--prompts", type=Path, required=True, metavar="FILE", help="classes and templates, in TOML"
    )
    action.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="what to write (default: prototypes.npz beside the model)",
    )
    add_directory(action)
    add_json(action)


def run(args: argparse.Namespace) -> int:
    """Make them.

    Raises:
        EngineError: the prompts or the model cannot be used; says why.
    """
    prompts = read_prompts(args.prompts)
    out: Path = args.out or args.directory / args.name / "prototypes.npz"
    with step_bars(Console(stderr=True), disable=args.json) as tell:
        made = make_prototypes(args.directory / args.name, prompts, tell)
    prototypes.save(out, made)
    answer = {"file": str(out), "classes": list(made.names), "space_id": made.space_id}
    print(json.dumps(answer) if args.json else f"{out}: {', '.join(made.names)}")
    return 0
