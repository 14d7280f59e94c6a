"""What this machine says about itself: its board and its boot."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path


@cache
def boot_id() -> str:
    """Return the kernel's id of this boot; monotonic times compare only within one."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def board() -> str:
    """Return the board's name from its device tree, else the machine's architecture."""
    model = Path("/proc/device-tree/model")
    if model.is_file():
        return model.read_bytes().rstrip(b"\0").decode(errors="replace")
    return f"{platform.system()} {platform.machine()}"
