"""What this machine says about itself: board, boot, clock."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path

_TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""

_TIMEX_BYTES = 256
"""More than `struct timex` has on any platform (208 on 64-bit Linux)."""


def boot_id() -> str:
    """Return the kernel's id of this boot; monotonic times compare only within one."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def clock_synced() -> bool:
    """Whether the kernel knows of a time source that keeps its clock right (adjtimex(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    state: int = libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return 0 <= state < _TIME_ERROR


def board() -> str:
    """Return the board's name from its device tree, else the machine's architecture."""
    model = Path("/proc/device-tree/model")
    if model.is_file():
        return model.read_bytes().rstrip(b"\0").decode(errors="replace")
    return f"{platform.system()} {platform.machine()}"
