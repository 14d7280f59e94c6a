"""Hold a decoded TOML document against the structs of `config`, and find every difference.

`msgspec.convert` stops at the first error; a person wants all of them. So this walks the document
along the type annotations and leaves only single values to msgspec.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from gleancam.config.problem import Problem, show
from gleancam.config.wants import wants
from gleancam.credentials import HIDDEN

MOST_ITEMS = 1024
"""Of an array. Looking at a table takes half a millisecond, and a document may come from afar."""


def problems(value: Any, annotation: Any, path: str = "") -> Iterator[Problem]:
    """Compare one value with one annotation.

    Yields:
        Every unknown or missing key, wrong type and value out of range below `path`.
    """
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    options = [option for option in _options(plain) if option is not type(None)]
    if all(_is_struct(option) for option in options):
        yield from _table(value, options, path)
    elif get_origin(plain) is dict:
        name, kind = get_args(plain)
        yield from _tables(value, name, kind, path)
    elif get_origin(plain) is tuple and isinstance(value, list):
        yield from _array(value, annotation, plain, path)
    else:
        yield from _single(value, annotation, path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the nearest known word, or all of them when none is near."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(words)}"


def _table(value: Any, options: list[type[Struct]], path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, show(path, value), "must be a table")
        return
    struct = options[0]
    if len(options) > 1:
        by_tag = {option.__struct_config__.tag: option for option in options}
        wrong_tag = _wrong_tag(value, by_tag, path)
        if wrong_tag:
            yield wrong_tag
            return
        struct = by_tag[value[_tag_field(struct)]]
    yield from _fields(value, struct, path)


def _tables(value: Any, name: Any, kind: Any, path: str) -> Iterator[Problem]:
    """Hold a table whose keys are names against what each name and each value may be."""
    if not isinstance(value, dict):
        yield Problem(path, show(path, value), "must be a table of tables")
        return
    for key, item in value.items():
        yield from _single(key, name, path)
        yield from problems(item, kind, _join(path, key))


def _wrong_tag(
    value: Mapping[str, Any], by_tag: Mapping[Any, type[Struct]], path: str
) -> Problem | None:
    field = _tag_field(next(iter(by_tag.values())))
    if field not in value:
        return Problem(_join(path, field), "", "is missing", f"one of: {', '.join(by_tag)}")
    tag = value[field]
    if isinstance(tag, str) and tag in by_tag:
        return None
    hint = did_you_mean(str(tag), by_tag)
    return Problem(_join(path, field), show(field, tag), f"unknown {field}", hint)


def _fields(value: Mapping[str, Any], struct: type[Struct], path: str) -> Iterator[Problem]:
    annotations = _annotations(struct)
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    for key in value:
        if key in fields:
            yield from problems(value[key], annotations[key], _join(path, key))
        elif key != struct.__struct_config__.tag_field:
            yield _unknown(path, key, value[key], fields)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Problem(_join(path, name), "", "is missing", wants(annotations[name]))


@cache
def _annotations(struct: type[Struct]) -> dict[str, Any]:
    """Evaluating them takes a millisecond, and a document may have thousands of tables."""
    return get_type_hints(struct, include_extras=True)


def _unknown(path: str, key: str, value: Any, known: Iterable[str]) -> Problem:
    # Nobody knows what a text under an unknown key is; under `pasword` it is a password.
    shown = HIDDEN if isinstance(value, str) else show(key, value)
    return Problem(_join(path, key), shown, "unknown key", did_you_mean(key, known))


def _array(value: list[Any], annotation: Any, plain: Any, path: str) -> Iterator[Problem]:
    if len(value) > MOST_ITEMS:
        what = f"has {len(value)} items, at most {MOST_ITEMS} are taken"
        yield Problem(path, "", what)
        return
    items = get_args(plain)
    if items[-1] is ...:
        items = (items[0],) * len(value)
    found = [
        problem
        for index, (item, kind) in enumerate(zip(value, items, strict=False))
        for problem in problems(item, kind, f"{path}[{index}]")
    ]
    # Too short or too long only shows on the whole, and only when every item is right.
    yield from found or _single(value, annotation, path)


def _single(value: Any, annotation: Any, path: str) -> Iterator[Problem]:
    wrong = isinstance(value, float) and not math.isfinite(value)
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        wrong = True
    if wrong:
        hint = _near_literal(value, annotation)
        yield Problem(path, show(path, value), f"must be {wants(annotation)}", hint)


def _near_literal(value: Any, annotation: Any) -> str:
    if get_origin(annotation) is not Literal or not isinstance(value, str):
        return ""
    near = difflib.get_close_matches(value, get_args(annotation), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else ""


def _options(plain: Any) -> tuple[Any, ...]:
    return get_args(plain) if get_origin(plain) in {Union, UnionType} else (plain,)


def _is_struct(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, Struct)


def _tag_field(struct: type[Struct]) -> str:
    """Name the key that tells which struct of a union is meant; empty when there is no union."""
    return struct.__struct_config__.tag_field or ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
