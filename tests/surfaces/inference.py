"""What kind of foreign object an expression of our code gives, from the surfaces' signatures."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from surfaces.surface import Surface

Modules: TypeAlias = dict[str, Sequence[Surface]]
"""Each module that is looked for, in all its versions, by the name our code gives it."""

CONVENTIONS = {
    "builder": "Builder",
    "cache": "ITimingCache",
    "config": "IBuilderConfig",
    "context": "IExecutionContext",
    "engine": "ICudaEngine",
    "logger": "ILogger",
    "network": "INetworkDefinition",
    "parser": "OnnxParser",
    "runtime": "Runtime",
}
"""What our code calls objects of `tensorrt` where it gets them as Any."""


@dataclass(frozen=True)
class Known:
    """A foreign thing.

    Attributes:
        module: of which module, by our name.
        name: of the class, or `class.method`; empty for the module itself.
    """

    module: str
    name: str
    what: Literal["module", "class", "object", "callable"]


@dataclass
class Scope:
    """What is known of names, and of attributes of our own objects, at one place of our code.

    Attributes:
        attributes: what `self.name` was given in this file; None: something of ours.
        elsewhere: what it was given in others.
    """

    modules: Modules
    names: dict[str, Known | None] = field(default_factory=dict)
    attributes: dict[str, Known | None] = field(default_factory=dict)
    elsewhere: Mapping[str, Known] = field(default_factory=dict)

    def by_convention(self, name: str) -> Known | None:
        """Return what an untyped name of ours stands for."""
        plain = name.lstrip("_")
        if plain in self.modules:
            return Known(plain, "", "module")
        if plain in CONVENTIONS and "trt" in self.modules:
            return Known("trt", CONVENTIONS[plain], "object")
        return None

    def infer(self, node: ast.expr) -> Known | None:
        """Return what an expression gives, as far as signatures tell."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Call):
            return self._result(self.infer(node.func))
        if isinstance(node, ast.Attribute):
            owner = self.infer(node.value)
            return self._own(node.attr) if owner is None else self._member(owner, node)
        return None

    def _own(self, name: str) -> Known | None:
        return self.attributes[name] if name in self.attributes else self.elsewhere.get(name)

    def _member(self, owner: Known, node: ast.Attribute) -> Known | None:
        full = f"{owner.name}.{node.attr}".lstrip(".")
        for surface in self.modules[owner.module]:
            if full in surface.classes:
                return Known(owner.module, full, "class")
            if owner.what == "module":
                if node.attr in surface.functions:
                    return Known(owner.module, node.attr, "callable")
                continue
            found = surface.lookup(owner.name, node.attr)
            if found and node.attr in found.methods:
                return Known(owner.module, full, "callable")
            if found and found.attributes.get(node.attr) in surface.classes:
                return Known(owner.module, found.attributes[node.attr], "object")
        return None

    def _result(self, called: Known | None) -> Known | None:
        if called is None or called.what not in ("class", "callable"):
            return None
        if called.what == "class":
            return Known(called.module, called.name, "object")
        owner, _, name = called.name.rpartition(".")
        for surface in self.modules[called.module]:
            found = surface.lookup(owner, name) if owner else None
            signatures = found.methods.get(name, ()) if found else surface.functions.get(name, ())
            for text in signatures:
                result = text.rpartition(" -> ")[2]
                if result in surface.classes:
                    return Known(called.module, result, "object")
        return None
