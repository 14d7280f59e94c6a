"""A folder that appears whole or not at all: made beside its place, and renamed into it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gleancam_upstream.durable import sync_directory
from gleancam_upstream.errors import ExportError


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it becomes `out` at the end, and goes where something raises.

    Raises:
        ExportError: `out` is there and not empty.
        OSError: the disk is full, or the folder cannot be written.
    """
    place = out.absolute()
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise ExportError(f"{out} is there and not empty", cure="remove it, or name another --out")
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f".{place.name}.{os.getpid()}.part")
    aside.mkdir()
    try:
        yield aside
        os.sync()  # once: a flush for each of thousands of small files takes minutes
        aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    sync_directory(place.parent)
