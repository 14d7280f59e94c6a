"""Arguments that several actions take."""

from __future__ import annotations

import argparse
from pathlib import Path

from gleancam.model_directory import model_directory
from gleancam.opening import batches
from gleancam_engines import catalogue
from gleancam_engines.manifest import FILE_NAME, load


def add_directory(action: argparse.ArgumentParser) -> None:
    """Declare `--directory`: where models lie."""
    action.add_argument(
        "--directory",
        type=Path,
        default=model_directory(),
        metavar="DIR",
        help="where models lie (default: $GLEANCAM_MODELS, else .cache/models "
        "of a checkout, else /var/lib/gleancam/models)",
    )


def add_json(action: argparse.ArgumentParser) -> None:
    """Declare `--json`."""
    action.add_argument("--json", action="store_true", help="print JSON")


def batch_sizes(text: str) -> tuple[int, ...]:
    """Read `1,8` as sizes of batches, smallest first.

    Raises:
        ArgumentTypeError: it is something else, or one is not within 1 to 64.
    """
    try:
        batches = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        batches = ()
    if not batches or not 1 <= batches[0] <= batches[-1] <= 64:
        raise argparse.ArgumentTypeError(f"must be numbers of 1 to 64 with commas: {text!r}")
    return batches


def usual_batches(directory: Path) -> tuple[int, ...]:
    """Return the batches of a model where none are asked for: what the daemon gives it.

    Raises:
        ManifestError: the manifest is missing or wrong.
    """
    return batches(load(directory))


def origin(name: str, directory: Path) -> Path:
    """Return where the manifest is: in the catalogue first, so that an upgrade of it counts.

    Of a model that has to be exported, the catalogue knows no hash; the export's manifest does.

    Raises:
        ManifestError: there is no such model.
    """
    if name not in catalogue.names():
        for folder in (directory / name, Path(name)):
            if (folder / FILE_NAME).is_file():
                return folder
    known, own = catalogue.find(name), directory / name
    exported = not load(known).weights.sha256 and (own / FILE_NAME).is_file()
    return own if exported else known
