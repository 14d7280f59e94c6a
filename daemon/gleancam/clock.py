"""Whether the system's UTC is kept right by NTP, PTP or a receiver."""

from __future__ import annotations

import ctypes

TIME_ERROR = 5
"""adjtimex(2): "clock not synchronised"."""

_TIMEX_BYTES = 512
"""More than `struct timex` has anywhere (208). All zero it asks and changes nothing."""


def synchronised() -> bool | None:
    """Ask the kernel; None when it does not answer (a sandbox may forbid the question)."""
    state = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != TIME_ERROR
