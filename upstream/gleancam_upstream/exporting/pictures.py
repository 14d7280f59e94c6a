"""The pictures of an export: linked, which costs no room, or copied."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from gleancam_upstream.errors import ExportError

Placing = Literal["link", "copy"]


def place_picture(source: Path, target: Path, placing: Placing) -> None:
    """Put one picture where the export wants it; a link shares the file with the dataset.

    Raises:
        ExportError: the two folders are on two file systems, so there can be no link.
        OSError: it cannot be read or written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    put: Callable[[Path, Path], object] = os.link if placing == "link" else shutil.copyfile
    try:
        put(source, target)
    except OSError as error:
        if placing == "copy" or error.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP}:
            raise
        raise ExportError(
            f"{target} cannot be linked to {source}: {error.strerror}", cure="use --images copy"
        ) from error
