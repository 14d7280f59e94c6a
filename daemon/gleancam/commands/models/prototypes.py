"""Turn text prompts or example pictures into prototypes: a small file that names classes.

The file is for one model's embedding space. With --prompts it runs where the model was exported,
through its text tower; the device needs the file alone. FILE is TOML:

    templates = ["a photo of {}.", "{} on a camera at night."]

    [classes]
    person = ["a person", "a pedestrian"]
    empty = ["an empty street"]

With --examples it needs pictures and the model itself, and works with every embedder. DIR holds a
folder for each class; NAME=DIR is one class. Give whole pictures, as the cameras take them:

    5 to 20 of each class, of different days and lights; 2 are the least that can be tested,
    and of more than 64 that many are taken;
    a class of ordinary pictures of the same cameras, such as "other": without it nothing can be
    said about a threshold.

Each picture is then compared with the prototypes made without it. The table shows cosines of each
class to its own pictures and to the others', and the threshold that parts them best: for
[[selection.near]].
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gleancam.commands.download_bars import step_bars
from gleancam.commands.models.arguments import add_directory, add_json
from gleancam.errors import ConfigurationError
from gleancam_engines import prototypes
from gleancam_engines.embedder import open_embedder
from gleancam_engines.examples import folders_of, make_from_examples
from gleancam_engines.export.prompts import read_prompts
from gleancam_engines.export.prototyping import make_prototypes
from gleancam_engines.prototypes import Prototypes
from gleancam_engines.separation import Separation

HELP = "turn text prompts or example pictures into classes"

GOOD = 0.9
"""Share of pictures on the right side of a threshold below which a class is pointed out."""


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    action.formatter_class = argparse.RawDescriptionHelpFormatter
    action.add_argument("name", metavar="NAME", help="a model in the directory")
    of = action.add_mutually_exclusive_group(required=True)
    of.add_argument("--prompts", type=Path, metavar="FILE", help="classes and templates, in TOML")
    of.add_argument(
        "--examples",
        action="append",
        metavar="DIR|NAME=DIR",
        help="folders of JPEG and PNG pictures; repeatable",
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
        ConfigurationError: two folders are to be one class.
        EngineError: the prompts, the pictures or the model cannot be used; says why.
    """
    out: Path = args.out or args.directory / args.name / "prototypes.npz"
    with step_bars(Console(stderr=True), disable=args.json) as tell:
        if args.prompts:
            made = make_prototypes(args.directory / args.name, read_prompts(args.prompts), tell)
            apart: tuple[Separation, ...] = ()
        else:
            folders = _folders(args.examples)
            with closing(open_embedder(args.directory / args.name)) as embedder:
                found = make_from_examples(folders, embedder.embed, embedder.space_id, tell)
            made, apart = found.prototypes, found.separations
    prototypes.save(out, made)
    _tell(args, out, made, apart)
    return 0


def _folders(arguments: Sequence[str]) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for argument in arguments:
        name, equals, path = argument.partition("=")
        found = {name: Path(path)} if equals and name else folders_of(Path(argument))
        if twice := sorted(folders.keys() & found.keys()):
            cure = "put its pictures into one folder"
            raise ConfigurationError(f"--examples: class {twice[0]!r} is given twice", cure=cure)
        folders |= found
    return folders


def _tell(
    args: argparse.Namespace, out: Path, made: Prototypes, apart: Sequence[Separation]
) -> None:
    if args.json:
        answer: dict[str, object] = {
            "file": str(out),
            "classes": list(made.names),
            "space_id": made.space_id,
        }
        answer |= {"separations": [asdict(each) for each in apart]} if apart else {}
        print(json.dumps(answer))
        return
    if apart:
        Console().print(_table(apart))
    print(f"{out}: {', '.join(made.names)}")


def _table(apart: Sequence[Separation]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("class", overflow="fold")
    for column in ("pictures", "own least", "own mean", "others most", "mean", "threshold"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for each in apart:
        cosines = each.own_least, each.own_mean, each.others_most, each.others_mean, each.threshold
        shown = ("" if cosine is None else f"{cosine:.3f}" for cosine in cosines)
        table.add_row(each.name, str(each.pictures), *shown, _verdict(each))
    return table


def _verdict(each: Separation) -> str:
    if each.own_least is None:
        return "one picture cannot be tested: give 5 to 20"
    if each.right is None:
        return "nothing to compare with: give a class of ordinary pictures"
    if each.right < GOOD:
        return f"[bold red]only {each.right:.0%} right[/]: give more pictures, or more alike"
    return f"{each.right:.0%} right"
