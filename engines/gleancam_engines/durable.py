"""Write a file so that a power cut leaves either the old one or the whole new one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from gleancam_engines.fetching.checked import move


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
