"""What this CPU computes few bits with: the same file gives other numbers on another kind."""

from __future__ import annotations

import platform
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")

_TELLING = frozenset(
    {
        "avx2",
        "avx512f",
        "avx512_vnni",
        "avx_vnni",
        "avx_vnni_int8",
        "avx512_bf16",
        "avx512_fp16",
        "amx_int8",
        "amx_bf16",
        "amx_fp16",
        "asimdhp",
        "asimddp",
        "i8mm",
        "bf16",
        "sve",
        "sve2",
    }
)
"""Instructions on which kernels of int8 and bf16 depend, as Linux names them on x86 and Arm."""


def arithmetic(cpuinfo: Path = CPUINFO) -> str:
    """Return the architecture and those instructions, as `x86_64 avx2`."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2] for line in lines if line.startswith(("flags", "Features")))
    found = _TELLING & set(next(named, "").split())
    return " ".join([platform.machine(), *sorted(found)])
