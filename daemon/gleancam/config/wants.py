"""Say in words what a type annotation of `config` allows."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta, Struct

_NOUNS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a finite number",
    str: "a string",
    type(None): "absent",
}
_PATTERNS = {
    r"^[a-z0-9-]{1,64}\Z": "1 to 64 lower-case letters, digits and hyphens",
    r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,6})?( ?(kB|MB|GB))?/(hour|day)\Z": (
        'a budget above 0, as "200 MB/day" or "60/hour"'
    ),
    r"^(?=[0-9.]*[1-9])[0-9]{1,6}(\.[0-9]{1,6})?/(hour|day)\Z": (
        'samples above 0, as "12/day" or "1/hour"'
    ),
    r"^([1-9][0-9]{0,2}|1000)/(minute|hour|day)\Z": (
        '1 to 1000 in a minute, an hour or a day, as "30/hour"'
    ),
    r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]\Z": (
        'hours of the day by UTC, as "22:00-05:30"'
    ),
    r"^[a-z0-9][a-z0-9-]*:.+\Z": 'a detector and its name for it, as "yolox-nano:person"',
    r"^(none|hflip|gamma(?!1\Z)([1-9]|(0|[1-9])\.[0-9]?[1-9]))\Z": (
        '"none", "hflip", or a gamma of 0.01 to 9.99, as "gamma0.7"'
    ),
    "^rtsps?://": "a URL that begins with rtsp:// or rtsps://",
    r"^/dev/[A-Za-z0-9/_.-]+\Z": "the path of a device below /dev",
}


def wants(annotation: Any) -> str:
    """Describe the values that `annotation` allows, e.g. `a whole number >= 1 and <= 65535`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _with_limits(wants(arguments[0]), arguments[1])
    if origin is Literal:
        return "one of " + ", ".join(f'"{option}"' for option in arguments)
    if origin in {Union, UnionType}:
        return " or ".join(dict.fromkeys(wants(option) for option in arguments))
    if origin is tuple:
        return _array(arguments)
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, Struct)):
        return "a table"
    return _NOUNS[annotation]


def _with_limits(noun: str, meta: Meta) -> str:
    if meta.pattern is not None:
        return _PATTERNS.get(meta.pattern, f"{noun} that matches {meta.pattern}")
    if meta.min_length is not None:
        return f"{noun}, at least {meta.min_length}"
    bounds = ((">", meta.gt), (">=", meta.ge), ("<", meta.lt), ("<=", meta.le))
    limits = [f"{sign} {bound}" for sign, bound in bounds if bound is not None]
    return f"{noun} {' and '.join(limits)}".rstrip()


def _array(items: tuple[Any, ...]) -> str:
    if items[-1] is ...:
        return f"an array, each item {wants(items[0])}"
    return f"an array of {len(items)}: " + ", ".join(wants(item) for item in items)
