"""Where an export goes: what may be there already, and how files get there whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gleancam_engines import catalogue
from gleancam_engines.durable import move
from gleancam_engines.errors import ExportError
from gleancam_engines.export.request import Request
from gleancam_engines.manifest import FILE_NAME, ModelName, load
from gleancam_engines.manifest_sources import OpenClipSource


def target_of(request: Request, into: Path) -> Path:
    """Return the model directory that the request makes.

    Raises:
        ExportError: the name cannot be one, or belongs to a model that is not this one.
        ManifestError: what lies there has a manifest that cannot be read.
    """
    name = request.directory_name
    try:
        msgspec.convert(name, ModelName)
    except msgspec.ValidationError as error:
        raise ExportError(
            f"a model cannot be called {name!r} ({error}); choose lower-case letters, digits and "
            "'-' with --name"
        ) from error
    target = into.resolve() / name
    taken = [catalogue.find(name)] if name in catalogue.names() else []
    for place in (*taken, *([target] if (target / FILE_NAME).is_file() else ())):
        _refuse_another(place, request)
    return target


def _refuse_another(place: Path, request: Request) -> None:
    source = load(place).weights.sources[0]
    if not (isinstance(source, OpenClipSource) and source.model == request.model):
        raise ExportError(
            f"{place.name!r} is the name of another model ({place}); choose one with --name"
        )


@contextlib.contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """Give a scratch folder inside the model directory, which goes again if it stays empty.

    Raises:
        ExportError: the directory cannot be written.
    """
    try:
        with writing(target):
            target.mkdir(parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=target))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    finally:
        with contextlib.suppress(OSError):  # not there, or not empty: both are fine
            target.rmdir()


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what a disk refuses into an error that says so.

    Raises:
        ExportError: the disk is full, or the directory may not be written.
    """
    try:
        yield
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written ({error.strerror}); free space there or choose another "
            "--directory"
        ) from error


def require_room(folder: Path, needed_bytes: int) -> None:
    """Say at once what would otherwise fail after minutes.

    Raises:
        ExportError: the disk has too little room.
    """
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise ExportError(
            f"{folder} has {free_bytes >> 20} MiB free, and the export takes "
            f"{needed_bytes >> 20} MiB; free space there or choose another --directory"
        )


def publish(scratch: Path, target: Path) -> None:
    """Move all files of `scratch` to `target`, the manifest last.

    The old manifest goes first: a power cut in between leaves a model that has to be exported
    again and says so, never one of mixed parts.

    Raises:
        ExportError: the directory cannot be written.
    """
    names = sorted(path.name for path in scratch.iterdir())
    with writing(target):
        (target / FILE_NAME).unlink(missing_ok=True)
        for name in (*(name for name in names if name != FILE_NAME), FILE_NAME):
            move(scratch / name, target / name)
