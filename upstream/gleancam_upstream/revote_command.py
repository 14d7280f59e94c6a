"""`gleancam-upstream labels revote`: vote again on the evidence that came with the samples."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import get_args

import msgspec
from rich.console import Console

from gleancam_engines.voting.committee import Strategy
from gleancam_upstream.errors import RevoteError
from gleancam_upstream.exporting.view import shown_progress
from gleancam_upstream.kept import index
from gleancam_upstream.revoting.added import read_added
from gleancam_upstream.revoting.checking import check
from gleancam_upstream.revoting.ontology_file import read_ontology
from gleancam_upstream.revoting.overrides import Overrides
from gleancam_upstream.revoting.revoting import Asked, Tally, votes, write_folder, write_lines
from gleancam_upstream.revoting.view import print_check, print_tally


def add_revote(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "revote",
        help="make labels anew from the stored evidence, by the device's rules or others",
        description="Exit code 1: a difference with --check, or a sample that cannot be voted on.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="written by `consume`")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        "--out", type=Path, metavar="FILE.jsonl|DIR", help="JSON lines, or another such folder"
    )
    target.add_argument(
        "--check", action="store_true", help="only compare with what the devices sent"
    )
    parser.add_argument(
        "--images", choices=("link", "copy"), default="link", help="of a folder's pictures"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    _add_overrides(parser.add_argument_group("instead of what the manifests say"))


def _add_overrides(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--strategy", choices=get_args(Strategy))
    group.add_argument("--iou", type=float, metavar="X", help="overlap of two boxes of one object")
    group.add_argument("--quorum", type=int, metavar="N", help="votes that strategy quorum wants")
    group.add_argument(
        "--confidence", type=float, metavar="X", help="from which boxes of every class vote"
    )
    group.add_argument(
        "--label-confidence", type=float, metavar="X", help="of the best box of a label"
    )
    group.add_argument("--ontology", type=Path, metavar="FILE.toml", help="[labels.ontology.…]")
    group.add_argument(
        "--only-members", default="", metavar="ID[,ID]", help="member ids, or names of models"
    )
    group.add_argument(
        "--add", type=Path, metavar="FILE.jsonl", help="one more member and what it saw"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return the exit code.

    Raises:
        UpstreamError: the dataset, the target or an argument cannot be used.
    """
    added = None if arguments.add is None else read_added(arguments.add)
    asked = Asked(_overrides(arguments), added)
    if arguments.check:
        return _check(arguments, asked)
    tally = Tally()
    with shown_progress() as begin:
        advance = begin("voting", len(index(arguments.dataset)))
        found = votes(arguments.dataset, asked, tally, advance)
        if arguments.out.suffix == ".jsonl":
            write_lines(found, arguments.out)
        else:
            write_folder(found, arguments.out, arguments.images)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(tally).decode() + "\n")
    else:
        print_tally(Console(), tally)
    return 1 if tally.problems else 0


def _check(arguments: argparse.Namespace, asked: Asked) -> int:
    if asked != Asked():
        raise RevoteError(
            "--check compares with what devices sent under their own settings",
            cure="leave the other settings away",
        )
    with shown_progress() as begin:
        found = check(arguments.dataset, begin("voting", len(index(arguments.dataset))))
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        print_check(Console(), found)
    return 1 if found.differences or found.problems else 0


def _overrides(arguments: argparse.Namespace) -> Overrides:
    only = tuple(part.strip() for part in arguments.only_members.split(",") if part.strip())
    if arguments.quorum is not None and arguments.quorum < 1:
        raise RevoteError(f"--quorum {arguments.quorum} is below 1")
    return Overrides(
        strategy=arguments.strategy,
        iou=_share("--iou", arguments.iou),
        quorum=arguments.quorum,
        confidence=_share("--confidence", arguments.confidence),
        label_confidence=_share("--label-confidence", arguments.label_confidence),
        ontology=() if arguments.ontology is None else read_ontology(arguments.ontology),
        only=only,
    )


def _share(option: str, number: float | None) -> float | None:
    if number is not None and (math.isnan(number) or not 0 <= number <= 1):
        raise RevoteError(f"{option} {number} is not in 0 to 1")
    return number
