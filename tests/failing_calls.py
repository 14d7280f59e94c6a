"""Calls of pycuda that fail one after the other, to see what each failure leaves behind."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standins.recording import Recording

CALLS = frozenset(
    {
        "Context.push",
        "Stream",
        "Event",
        "pagelocked_empty",
        "mem_alloc",
        "mem_get_info",
        "memcpy_htod_async",
        "memcpy_dtoh_async",
    }
)
"""Those of an engine that can fail while the device is well."""

KERNEL_CALLS = frozenset({"module_from_buffer", "Module.get_function", "Function.__call__"})
"""Those that preprocessing adds."""


@dataclass
class FailingRecording(Recording):
    """Lets call number `at` of these, from 0, fail.

    Attributes:
        seen: how many there were.
        failed: the one that did fail.
    """

    at: int = -1
    seen: int = 0
    failed: str = ""

    def add(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Remember a call, or let it fail."""
        super().add(name, arguments)
        if name not in CALLS | KERNEL_CALLS:
            return
        self.seen += 1
        if self.seen == self.at + 1:
            self.failed = name
            raise sys.modules["pycuda.driver"].MemoryError(f"{name} failed: out of memory")
