"""What a foreign module offers: names, members and signatures, as its bindings themselves tell."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent


class ClassSurface(msgspec.Struct, frozen=True, omit_defaults=True):
    """One class of the module.

    Attributes:
        base: the class of the module that it extends.
        methods: name to signatures, as `(self, name: str) -> int`; several where overloaded.
        attributes: name to type; an empty text where the bindings do not tell.
        writable: which attributes may be set.
        members: of an enumeration: name to value.
        deprecated: methods, attributes or members that their documentation calls so.
    """

    base: str = ""
    methods: dict[str, tuple[str, ...]] = {}
    attributes: dict[str, str] = {}
    writable: tuple[str, ...] = ()
    members: dict[str, int] = {}
    deprecated: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """Everything that may follow the dot."""
        return {*self.methods, *self.attributes, *self.members}


class Surface(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of a module that is about building and running engines.

    Attributes:
        origin: what was asked, so that the question can be repeated.
        functions: name to signatures.
        constants: name to what it stands for, such as `float32` to `DataType.FLOAT`.
    """

    version: str
    origin: str
    classes: dict[str, ClassSurface]
    functions: dict[str, tuple[str, ...]]
    constants: dict[str, str] = {}

    def lookup(self, class_name: str, name: str) -> ClassSurface | None:
        """Return the class, or the base of it, that defines `name`; None if there is none."""
        while class_name:
            found = self.classes[class_name]
            if name in found.names:
                return found
            class_name = found.base
        return None


TENSORRT_VERSIONS = ("10.3", "10.16", "11.4")
"""The oldest that a JetPack has, the newest 10, and the newest 11 (engines/README.md)."""


@cache
def tensorrt_surface(version: str) -> Surface:
    """Return the committed surface of one of `TENSORRT_VERSIONS`."""
    return _read(f"tensorrt-{version}.json")


@cache
def pycuda_surface() -> Surface:
    """Return the committed surface of `pycuda.driver`."""
    return _read("pycuda-driver.json")


def _read(name: str) -> Surface:
    return msgspec.json.decode((FOLDER / name).read_bytes(), type=Surface)


def encode(surface: Surface) -> bytes:
    """Return the text that is committed: sorted, one line an entry."""
    raw = msgspec.json.encode(surface, order="sorted")
    return msgspec.json.format(raw, indent=1) + b"\n"
