"""The daemon with a wall clock that can be stepped: `stepped_daemon.py FILE ARGUMENTS...`.

FILE holds by how many seconds `time.time` and `time.time_ns` are wrong; it is read at every call.
The kernel's clock cannot be stepped for one process alone, so whatever asks the kernel itself
(SQLite; GStreamer, which uses the monotonic clock) still sees the true time.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

_true_ns = time.time_ns
_offset_file = Path(sys.argv.pop(1))


def _stepped_ns() -> int:
    return _true_ns() + int(_offset_file.read_text()) * 10**9


def _stepped() -> float:
    return _stepped_ns() / 1e9


time.time_ns = _stepped_ns
time.time = _stepped

from gleancam.__main__ import main  # noqa: E402 - after the clock is in place

raise SystemExit(main())
