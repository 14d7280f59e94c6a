"""pycuda's exceptions: which one a code of the driver becomes, and what it says."""

from __future__ import annotations

from typing import Any, NoReturn

from surfaces.surface import pycuda_surface

INVALID_CONTEXT = "invalid device context"
INVALID_HANDLE = "invalid resource handle"


def make_exceptions() -> dict[str, type]:
    """Return the exceptions of the surface, by name."""
    made: dict[str, type] = {}
    told = {
        name: kind
        for name, kind in pycuda_surface().classes.items()
        if name.endswith("Error") and name != "CompileError"
    }
    for name, kind in sorted(told.items(), key=lambda item: item[1].base):
        made[name] = type(name, (made.get(kind.base, Exception),), {"__module__": "pycuda._driver"})
    return made


def fail(module: Any, call: str, why: str, kind: str = "LogicError") -> NoReturn:
    """Raise what pycuda raises when a call into the driver fails."""
    raise getattr(module, kind)(f"{call} failed: {why}")


def raise_wanted(space: Any, call: str) -> None:
    """Fail a call if the machine is told to: `machine.errors[call] = "LaunchError: why"`."""
    if told := space.machine.errors.get(call):
        kind, _, why = told.partition(": ")
        fail(space.module, call, why, kind)
