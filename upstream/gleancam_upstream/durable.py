"""Files that survive a power cut: written aside, flushed, then renamed into place."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that is either whole or not there. `sync_directory` must follow.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def sync_directory(path: Path) -> None:
    """Make the names in a folder durable.

    Raises:
        OSError: the folder cannot be opened or flushed.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
