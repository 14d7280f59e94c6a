"""What was called, in which order and on which thread."""

from __future__ import annotations

import enum
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Mention:
    """An argument that must not be kept alive: its class, and where it lies or which one it is."""

    kind: str
    identity: int


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
        told = {key: _mention(value) for key, value in arguments.items()}
        self.calls.append(Call(name, told, threading.get_ident()))

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


def _mention(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str, enum.Enum)):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(_mention(item) for item in value)
    if isinstance(value, np.ndarray):
        return Mention("ndarray", value.ctypes.data)
    return Mention(type(value).__name__, getattr(value, "_identity", id(value)))
