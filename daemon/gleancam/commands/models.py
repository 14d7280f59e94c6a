"""List the models that gleancam knows, and fetch them. Only files with the right hash are kept."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Table

from gleancam.errors import ConfigurationError
from gleancam.model_directory import model_directory
from gleancam_engines import catalogue
from gleancam_engines.fetch import fetch
from gleancam_engines.fetching import convert
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.manifest import FILE_NAME, Manifest, file_path, load

ESSENTIAL = ("tiny-vit-5m", "yolox-nano")
"""What the default configuration, the demo and the tests run."""
CONVERTED = "picodet-416"
"""Also tested; made by a converter that does not run everywhere."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the list.

    Attributes:
        state: `fetched`, `missing`, or `damaged` (a file has another size or hash).
    """

    name: str
    task: str
    state: str
    model_id: str
    licence: str
    summary: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list models and whether they are here")
    fetching = actions.add_parser("fetch", help="get models by name")
    fetching.add_argument(
        "names", nargs="*", metavar="NAME", help="of the list, or a directory with a manifest.toml"
    )
    fetching.add_argument(
        "--all",
        action="store_true",
        help=f"everything the demo and the tests run: {', '.join(ESSENTIAL)}, and {CONVERTED} "
        "where its converter runs (x86-64)",
    )
    for each in (listing, fetching):
        each.add_argument(
            "--directory",
            type=Path,
            default=model_directory(),
            metavar="DIR",
            help="where models lie (default: $GLEANCAM_MODELS, else .cache/models "
            "of a checkout, else /var/lib/gleancam/models)",
        )
        each.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """List or fetch.

    Raises:
        ConfigurationError: nothing was named.
        EngineError: a model could not be had, or is not what its manifest says.
    """
    return _list(args) if args.action == "list" else _fetch(args)


def _list(args: argparse.Namespace) -> int:
    rows = [_row(load(_origin(name, args.directory)), args.directory) for name in _known(args)]
    if args.json:
        print(json.dumps([asdict(row) for row in rows]))
        return 0
    table = Table("name", "task", "state", box=None)
    for column in ("licence", "what it is"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(row.name, row.task, row.state, row.licence, row.summary)
    Console().print(table)
    return 0


def _known(args: argparse.Namespace) -> list[str]:
    own = (path.parent.name for path in args.directory.glob(f"*/{FILE_NAME}"))
    return sorted({*catalogue.names(), *own})


def _row(manifest: Manifest, directory: Path) -> ModelRow:
    return ModelRow(
        name=manifest.name,
        task=manifest.task,
        state=_state(manifest, directory / manifest.name),
        model_id=manifest.model_id if manifest.weights.sha256 else "",
        licence=manifest.licence,
        summary=manifest.summary,
    )


def _state(manifest: Manifest, folder: Path) -> str:
    if not all(file_path(folder, file.name).is_file() for file in manifest.files):
        return "missing"
    whole = all(is_whole(file_path(folder, file.name), file) for file in manifest.files)
    return "fetched" if whole else "damaged"


def _fetch(args: argparse.Namespace) -> int:
    names = [*args.names, *(_everything() if args.all else ())]
    if not names:
        raise ConfigurationError("no model named", cure="name one, or use --all")
    fetched = {name: _with_bar(name, args) for name in names}
    if args.json:
        print(json.dumps({name: str(folder) for name, folder in fetched.items()}))
        return 0
    for folder in fetched.values():
        print(folder)
    return 0


def _everything() -> tuple[str, ...]:
    return (*ESSENTIAL, CONVERTED) if convert.runs_here() else ESSENTIAL


def _origin(name: str, directory: Path) -> Path:
    """Return where the manifest is: in the catalogue first, so that an upgrade of it counts."""
    if name not in catalogue.names():
        for folder in (directory / name, Path(name)):
            if (folder / FILE_NAME).is_file():
                return folder
    return catalogue.find(name)


def _with_bar(name: str, args: argparse.Namespace) -> Path:
    """Fetch one model, with a bar on stderr for each thing that is downloaded."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), disable=args.json) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done_bytes: int, total_bytes: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total_bytes)
            bars.update(tasks[what], completed=done_bytes, total=total_bytes)

        return fetch(_origin(name, args.directory), args.directory, tell)
