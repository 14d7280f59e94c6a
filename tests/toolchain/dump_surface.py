"""Ask a module what it offers, in a process of its own, with the module's own search paths.

PYTHONPATH=tests python tests/toolchain/dump_surface.py MODULE VERSION ORIGIN CLASS… > surface.json
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from types import ModuleType
from typing import Any

from surfaces.surface import ClassSurface, Surface, encode

KEPT_SPECIAL = ("__init__", "__bool__", "__call__", "__int__")
TOLD_TWICE = ("__enter__", "__exit__")


def surface(module: ModuleType, version: str, origin: str, wanted: list[str]) -> Surface:
    """Return the surface of `module`, reduced to the classes `wanted` that it has."""
    found = {name: _find(module, name) for name in wanted}
    classes = {name: kind for name, kind in found.items() if kind is not None}
    kinds = {kind: name for name, kind in classes.items()}
    members = {name: getattr(module, name) for name in dir(module) if name[0] != "_"}
    return Surface(
        version=version,
        origin=origin,
        classes={name: _class(kind, kinds) for name, kind in classes.items()},
        functions={
            name: _signatures(name, value)
            for name, value in members.items()
            if inspect.isroutine(value)
        },
        constants={
            name: f"{kinds[type(value)]}.{value.name}"
            for name, value in members.items()
            if type(value) in kinds and hasattr(value, "name")
        },
    )


def _find(module: ModuleType, name: str) -> Any:
    """Return the class of that name, which has a dot for a nested one."""
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _class(kind: type, kinds: dict[type, str]) -> ClassSurface:
    if members := _members(kind):
        return ClassSurface(members=members, deprecated=_deprecated_members(kind))
    own = {name: value for name, value in vars(kind).items() if _is_told(name)}
    properties = {name: value for name, value in own.items() if isinstance(value, property)}
    methods = {name: value for name, value in own.items() if inspect.isroutine(value)}
    constants = {name: kinds[type(value)] for name, value in own.items() if type(value) in kinds}
    deprecated = [name for name in own if _is_deprecated(kind, name, own[name])]
    return ClassSurface(
        base=next((kinds[base] for base in kind.__mro__[1:] if base in kinds), ""),
        methods=_callbacks(kind) | {name: _method(name, value) for name, value in methods.items()},
        attributes={name: _type(value) for name, value in properties.items()} | constants,
        writable=tuple(sorted(name for name, value in properties.items() if value.fset)),
        deprecated=tuple(sorted(deprecated)),
    )


def _callbacks(kind: type) -> dict[str, tuple[str, ...]]:
    """Return what users are to define: of some classes only the documentation's example tells."""
    example = re.findall(r"^ +def (\w+)(\(self, .*\)):$", kind.__doc__ or "", re.MULTILINE)
    return {name: (signature,) for name, signature in example}


def _is_told(name: str) -> bool:
    """Leave out what no engine needs: a network is parsed, never put together by layers."""
    if name.startswith("_"):
        return name in KEPT_SPECIAL
    return not name.startswith("add_") or name == "add_optimization_profile"


def _members(kind: type) -> dict[str, int]:
    members = getattr(kind, "__members__", None) or getattr(kind, "names", None) or {}
    return {name: int(value) for name, value in members.items()}


def _signatures(name: str, value: Any) -> tuple[str, ...]:
    """Return the signature lines of a docstring, or what Python itself knows."""
    bare = value.__func__ if isinstance(value, staticmethod) else value
    found = re.findall(rf"^(?:\d+\. )?{re.escape(name)}(\(.*)$", bare.__doc__ or "", re.MULTILINE)
    told = [_plain(line) for line in found if line != "(*args, **kwargs)"]
    if not told and inspect.isfunction(bare):
        told = [str(inspect.signature(bare))]
    return tuple(told)


def _method(name: str, value: Any) -> tuple[str, ...]:
    """Return its signatures, with `self` for the object: that tells them from static ones."""
    told = _signatures(name, value)
    if isinstance(value, staticmethod):
        return told
    return tuple(re.sub(r"^\(\w+(: \w+)?", "(self", line) for line in told)


def _type(attribute: property) -> str:
    text = (attribute.fget.__doc__ if attribute.fget else None) or ""
    found = re.search(r"-> (.*)", text)
    return _plain(found[1]) if found else ""


def _plain(text: str) -> str:
    text = re.sub(r"\b\w+_bindings\.\w+\.", "", text)
    text = re.sub(r"self: \w+", "self", text).strip()
    return _from_boost(text.removesuffix(" :")) if text.endswith(" :") else text


def _from_boost(text: str) -> str:
    """Return `( (Device)arg1 [, (int)flags=0])`, as Boost.Python has it, in the usual form."""
    head, _, result = text.rpartition(" -> ")
    parameters = []
    for found in re.finditer(r"\((\w+)\)(\w+)(?:=(\[\]|'\w*'|\w+))?", head):
        kind, name, default = found.groups()
        optional = default or ("..." if "[" in head[: found.start()] else "")
        parameters.append(f"{name}: {kind}" + (f" = {optional}" if optional else ""))
    return f"({', '.join(parameters)}) -> {result}"


def _deprecated_members(kind: type) -> tuple[str, ...]:
    parts = re.split(r"^  (\w+) :", kind.__doc__ or "", flags=re.MULTILINE)[1:]
    told = zip(parts[::2], parts[1::2], strict=True)
    return tuple(sorted(name for name, text in told if _says_deprecated(text)))


def _is_deprecated(kind: type, name: str, value: Any) -> bool:
    line = re.search(rf":ivar {re.escape(name)}:(.*)", kind.__doc__ or "")
    return bool(line and "[DEPRECATED]" in line[1]) or _says_deprecated(value.__doc__ or "")


def _says_deprecated(text: str) -> bool:
    """A line that begins with it: some texts name other things that are deprecated."""
    return bool(re.search(r"^\s*\[DEPRECATED\]|\. Deprecated, use ", text, re.MULTILINE))


if __name__ == "__main__":
    name, version, origin, *wanted = sys.argv[1:]
    module = importlib.import_module(name)
    sys.stdout.buffer.write(encode(surface(module, version, origin, wanted)))
