"""Which Python values the bindings take for a type that their signatures name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from standins.things import Number

_PLAIN: Mapping[str, tuple[type, ...]] = {
    "bool": (bool,),
    "float": (float, int),
    "str": (str,),
    "tuple": (tuple,),
    "list": (list,),
}
_DEFAULTS: Mapping[str, Any] = {"bool": False, "float": 0.0, "int": 0, "str": ""}


def accepts(kind: str, value: Any, classes: Mapping[str, type], integers: type) -> bool:
    """Return whether a value may be given where `kind` is declared; unknown types take anything."""
    if kind in ("int", "typing.SupportsInt"):
        return isinstance(value, integers)
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind])
    if kind in ("buffer", "typing_extensions.Buffer"):
        return _is_buffer(value)
    if kind == "Dims":
        return isinstance(value, (Sequence, classes[kind]))
    if kind in classes:
        return isinstance(value, classes[kind]) or (value is None and kind.startswith("I"))
    return True


def default(kind: str, classes: Mapping[str, type]) -> Any:
    """Return what an attribute of this type holds before it is set."""
    found = classes.get(kind)
    if found is not None and issubclass(found, Number):
        return next(iter(found))
    return _DEFAULTS.get(kind)


def _is_buffer(value: Any) -> bool:
    try:
        memoryview(value)
    except TypeError:
        return False
    return True
