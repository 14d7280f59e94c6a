"""The signatures that bindings tell in their docstrings, to hold a call against."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """One argument of a call.

    Attributes:
        kind: its type as the bindings write it.
        by_name: whether it may be given as `name=…`; bindings call those without a name `arg0`.
    """

    name: str
    kind: str
    required: bool

    @property
    def by_name(self) -> bool:
        return not re.fullmatch(r"arg\d+", self.name)


@dataclass(frozen=True)
class Signature:
    """One way to call a function; `self` is not among the parameters."""

    text: str
    parameters: tuple[Parameter, ...]
    bound: bool
    anything: bool

    def arrange(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the arguments by name, or None if they do not fit."""
        if self.anything:
            return {str(at): value for at, value in enumerate(args)} | dict(kwargs)
        names = [parameter.name for parameter in self.parameters]
        given = dict(zip(names, args, strict=False))
        named = {parameter.name for parameter in self.parameters if parameter.by_name}
        wrong = len(args) > len(names) or not named.issuperset(kwargs) or given.keys() & kwargs
        if wrong:
            return None
        given.update(kwargs)
        missing = [p for p in self.parameters if p.required and p.name not in given]
        return None if missing else given

    def order(self, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return arguments by place as far as none is left out, and the others by name."""
        names = [parameter.name for parameter in self.parameters]
        filled = next((at for at, name in enumerate(names) if name not in given), len(names))
        by_name = {name: given[name] for name in names[filled:] if name in given}
        return [given[name] for name in names[:filled]], by_name


@cache
def parse(text: str) -> Signature:
    """Read `(self, name: str, shape: Dims = <…>) -> bool`."""
    inside = text[1 : _closing(text)]
    parts = [part.strip() for part in _split(inside)]
    bound = bool(parts) and parts[0] == "self"
    plain = [part for part in parts[bound:] if part not in ("*", "/")]
    anything = any(part.startswith("*") for part in plain)
    parameters = () if anything else tuple(_parameter(part) for part in plain)
    return Signature(text, parameters, bound, anything)


def _parameter(text: str) -> Parameter:
    declared, _, default = text.partition("=")
    name, _, kind = declared.partition(":")
    return Parameter(name.strip(), kind.strip(), not default)


def _closing(text: str) -> int:
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0:
            return at
    raise ValueError(f"no closing bracket in {text!r}")


def _split(text: str) -> list[str]:
    """Split at the commas that are in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([<") - (letter in ")]>")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]
