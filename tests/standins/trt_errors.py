"""How TensorRT says that something failed: in its log, and by giving nothing."""

from __future__ import annotations

from typing import Any

from standins.things import Thing


def report(module: Any, sink: Any, text: str) -> None:
    """Write an error to the user's logger."""
    sink.log(module.ILogger.Severity.ERROR, text)


def refuse_to_be_made(thing: Thing, sink: Any) -> None:
    """Raise what pybind11 raises for a constructor that gives nothing, if that is wanted."""
    told = thing._machine.errors.get(thing._kind)
    if told:
        report(thing._module, sink, told)
        raise TypeError("pybind11::init(): factory function returned nullptr")
