"""What must survive a power cut: files, and their names."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` durable: a file's own fsync does not."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move(source: Path, target: Path) -> None:
    """Rename within one file system, so that a power cut leaves the old file or the new one."""
    source.replace(target)
    sync_directory(target.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: written beside it, synced, renamed, its directory synced.

    Raises:
        OSError: the directory cannot be written or is full; what was at `path` is still there.
    """
    part = path.with_name(f".{path.name}-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        move(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
