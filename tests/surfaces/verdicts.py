"""Whether a use of a foreign name is right in a version of the module."""

from __future__ import annotations

from surfaces.signature import Signature, parse
from surfaces.surface import Surface
from surfaces.uses import Use


def fault(use: Use, surface: Surface) -> str:
    """Return what is wrong with a use in this version; empty: nothing."""
    if not use.owner.name:
        return _fault_of_module(use, surface)
    if use.owner.name not in surface.classes:
        return f"there is no class {use.owner.name}"
    found = surface.lookup(use.owner.name, use.name)
    if found is None:
        nested = f"{use.owner.name}.{use.name}" in surface.classes
        return "" if nested else f"{use.owner.name} has no {use.name}"
    if use.name in found.deprecated:
        return f"{use.owner.name}.{use.name} is deprecated"
    if use.how == "set" and use.name not in found.writable:
        return f"{use.owner.name}.{use.name} cannot be set"
    return _fault_of_call(use, found.methods.get(use.name, ()))


def _fault_of_module(use: Use, surface: Surface) -> str:
    if use.name == "__version__" or use.name in surface.constants:
        return ""
    if use.name in surface.classes:
        return _fault_of_call(use, surface.classes[use.name].methods.get("__init__", ()))
    if use.name in surface.functions:
        return _fault_of_call(use, surface.functions[use.name])
    return f"the module has no {use.name}"


def _fault_of_call(use: Use, told: tuple[str, ...]) -> str:
    if use.how not in ("called", "overridden") or not told or use.positional < 0:
        return ""
    signatures = [parse(text) for text in told]
    if any(_fits(use, signature) for signature in signatures):
        return ""
    return f"{use.name} is {' or '.join(told)}"


def _fits(use: Use, signature: Signature) -> bool:
    if use.how == "overridden":
        return use.positional == len(signature.parameters)
    unbound = use.owner.what == "class" and signature.bound  # Base.__init__(self)
    arguments = [None] * (use.positional - unbound)
    if use.owner.what == "class" and signature.bound and not use.positional:
        return False
    return signature.arrange(arguments, dict.fromkeys(use.keywords)) is not None
