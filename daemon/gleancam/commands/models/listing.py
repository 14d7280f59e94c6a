"""List the models that gleancam knows and those in the models directory."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gleancam.commands.models.arguments import add_directory, add_json, origin
from gleancam_engines import catalogue
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.manifest import FILE_NAME, Manifest, file_path, load

HELP = "list models and whether they are here"


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


def configure(action: argparse.ArgumentParser) -> None:
    """Declare the action's arguments."""
    add_directory(action)
    add_json(action)


def run(args: argparse.Namespace) -> int:
    """List.

    Raises:
        ManifestError: a manifest in the directory is wrong.
    """
    rows = [_row(load(origin(name, args.directory)), args.directory) for name in _known(args)]
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
