"""`pycuda.driver`: devices and contexts, and what belongs to a context.

The rules are those of pycuda's cuda.hpp. A context is current for the threads that pushed it. What
belongs to a context is freed by a thread where it is current, or by the one that made it.
"""

from __future__ import annotations

import threading
from typing import Any

from standins.cuda_errors import INVALID_CONTEXT, fail
from standins.things import Thing


class Device(Thing):
    """The one device."""

    def _begin(self, arg2: int) -> None:
        if not self._machine.initialised:
            fail(self._module, "cuDeviceGet", "initialization error")
        if arg2 != 0:
            fail(self._module, "cuDeviceGet", "invalid device ordinal")

    @staticmethod
    def count() -> int:
        return 1

    def name(self) -> str:
        return self._machine.name

    def compute_capability(self) -> tuple[int, int]:
        return self._machine.compute_capability

    def total_memory(self) -> int:
        return self._machine.memory_bytes

    def retain_primary_context(self) -> Any:
        return self._space.make("Context", self)

    def make_context(self, flags: int = 0) -> Any:
        context = self._space.make("Context", self)
        self._machine.stack.append(context)
        return context


class Context(Thing):
    """A context; the handle of a device's primary one is the same for all who retain it."""

    def _begin(self, device: Device) -> None:
        self._device = device
        self._valid = True
        self._thread = threading.get_ident()

    @property
    def handle(self) -> int:
        return 0xC0DE

    def push(self) -> None:
        if not self._valid:
            fail(self._module, "cuCtxPushCurrent", INVALID_CONTEXT)
        self._machine.stack.append(self)

    @classmethod
    def pop(cls) -> None:
        if not cls._space.machine.stack:
            raise cls._space.module.LogicError(
                f"context::pop failed: {INVALID_CONTEXT} - cannot pop non-current context"
            )
        cls._space.machine.stack.pop()

    def detach(self) -> None:
        if not self._valid:
            raise self._module.LogicError(
                f"context::detach failed: {INVALID_CONTEXT} - cannot detach from invalid context"
            )
        foreign = self._machine.current is not self and self._thread != threading.get_ident()
        if foreign:
            self._machine.leaks.append("a context detached by a thread that has it not")
        self._valid = False
        stack = self._machine.stack
        while stack and not getattr(stack[-1], "_valid", True):
            stack.pop()

    @classmethod
    def get_current(cls) -> Any:
        return cls._space.machine.current

    @classmethod
    def synchronize(cls) -> None:
        current = need_context(cls._space, "cuCtxSynchronize")
        for queue in cls._space.machine.queues.values():
            if queue.context is current:
                queue.drain()


class Owned(Thing):
    """What belongs to the context that was current when it was made."""

    def _own(self, call: str) -> None:
        self._context = need_context(self._space, call)

    def _may_clean_up(self) -> bool:
        """Return whether this thread can free it; pycuda warns or says nothing, and leaks."""
        context = self._context
        current = self._machine.current is context
        mine = context._valid and (current or context._thread == threading.get_ident())
        if not mine:
            why = "a thread without its context" if context._valid else "its detached context"
            self._machine.leaks.append(f"{self._kind} freed by {why}")
        return mine


def need_context(space: Any, call: str) -> Any:
    """Return the current context.

    Raises:
        LogicError: this thread has none.
    """
    if space.machine.current is None:
        fail(space.module, call, INVALID_CONTEXT)
    return space.machine.current
