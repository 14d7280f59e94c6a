"""The files of a decision log by name."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"([0-9]{12})\.gleanlog")


def segment_path(folder: Path, number: int) -> Path:
    """Name a segment."""
    return folder / f"{number:012}.gleanlog"


def segment_numbers(folder: Path) -> list[int]:
    """Number of every segment in a folder, oldest first; other files are passed over.

    Raises:
        OSError: the folder cannot be read.
    """
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted(int(match[1]) for match in found if match)
