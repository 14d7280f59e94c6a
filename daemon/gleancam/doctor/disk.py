"""Whether the spool's disk has room."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from gleancam.config.keys import Config
from gleancam.doctor.finding import Finding, fail, ok, warn

GB = 1e9


def examine(config: Config) -> Iterator[Finding]:
    """Compare the free space where the spool lies with what the spool may take."""
    spool = Path(config.spool.path)
    folder = spool.parent
    if not folder.is_dir():
        yield fail("disk", f"there is no folder {folder}", f"create {folder}, or set spool.path")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        cure = f"chown it, or run as the daemon's user: sudo -u {folder.owner()} gleancam doctor"
        yield fail("disk", f"{folder} cannot be written by this user", cure)
        return
    yield _room(spool, config)


def _room(spool: Path, config: Config) -> Finding:
    free = shutil.disk_usage(spool.parent).free
    taken = spool.stat().st_size if spool.exists() else 0
    reserve, limit = config.spool.reserve_bytes, config.spool.max_bytes
    have = f"{free / GB:.1f} GB free at {spool.parent}"
    if free < reserve:
        cure = "free some, or set spool.path on another disk"
        return fail("disk", f"{have}, less than spool.reserve_bytes", cure)
    if free - reserve < limit - taken:
        cure = "free some, or lower spool.max_bytes"
        return warn("disk", f"{have}: the spool cannot grow to its {limit / GB:.1f} GB", cure)
    return ok("disk", have)
