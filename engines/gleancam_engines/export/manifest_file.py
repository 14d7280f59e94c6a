"""A manifest as the text of `manifest.toml`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from gleancam_engines.manifest import Manifest


def to_toml(manifest: Manifest) -> str:
    """Return the text that `manifest.parse` reads back as the same manifest.

    What has its default value is left out.
    """
    values = cast("dict[str, Any]", _without_defaults(manifest))
    return "\n".join(_table("", values)).strip() + "\n"


def _without_defaults(value: Any) -> Any:
    """Return structs as dictionaries of what was said, tags included."""
    if isinstance(value, msgspec.Struct):
        tag = value.__struct_config__
        said = {tag.tag_field: tag.tag} if tag.tag_field else {}
        fields = msgspec.structs.fields(value)
        kept = {one.name: getattr(value, one.name) for one in fields}
        defaults = {one.name: one.default for one in fields}
        return said | {
            name: _without_defaults(have) for name, have in kept.items() if have != defaults[name]
        }
    if isinstance(value, tuple):
        return [_without_defaults(one) for one in value]
    return value


def _table(name: str, values: dict[str, Any]) -> Iterator[str]:
    """Give the lines of a table: its plain values first, as TOML wants, then the tables in it."""
    plain = {key: value for key, value in values.items() if not _is_table(value)}
    yield from (f"{key} = {_value(value)}" for key, value in plain.items())
    for key, value in values.items():
        below = f"{name}.{key}".strip(".")
        if isinstance(value, dict):
            yield from ("", f"[{below}]", *_table(below, value))
        elif _is_table(value):
            for one in value:
                yield from ("", f"[[{below}]]", *_table(below, one))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def _value(value: Any) -> str:
    """Write a value as JSON does, but for one character that TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
