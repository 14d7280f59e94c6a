"""What was called, in which order and on which thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call: `IExecutionContext.execute_async_v3` and its arguments by name."""

    name: str
    arguments: Mapping[str, Any]
    thread: int


@dataclass
class Recording:
    """All calls into the stand-ins, oldest first."""

    calls: list[Call] = field(default_factory=list)

    def add(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Remember a call."""
        self.calls.append(Call(name, arguments, threading.get_ident()))

    @property
    def names(self) -> list[str]:
        """What was called, oldest first."""
        return [call.name for call in self.calls]

    def of(self, name: str) -> list[Call]:
        """Return the calls of one function."""
        return [call for call in self.calls if call.name == name]

    def clear(self) -> None:
        """Forget what was called so far."""
        self.calls.clear()
