"""A wanted configuration laid over the device's own file, as far as a remote may change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gleancam.config.problem import Problem
from gleancam.twin.allowed import ALLOWED, Allowed, Leaf, Rows

FORBIDDEN = "cannot be set from afar"


def merge(
    document: Mapping[str, Any], wanted: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Lay `wanted` over a decoded file, which stays as it is.

    Returns:
        The merged document, and everything in `wanted` that no remote may set.
    """
    problems: list[Problem] = []
    merged = _table(document, wanted, ALLOWED, "", problems)
    return merged, problems


def _table(
    own: Any,
    wanted: Mapping[str, Any],
    allowed: Mapping[str, Allowed],
    path: str,
    problems: list[Problem],
) -> dict[str, Any]:
    merged = dict(own) if isinstance(own, Mapping) else {}
    for key, value in wanted.items():
        where = f"{path}.{key[:64]}" if path else key[:64]
        if key not in allowed:
            problems.append(Problem(where, "", FORBIDDEN, "change the file on the device"))
        else:
            merged[key] = _value(merged.get(key), value, allowed[key], where, problems)
    return merged


def _value(own: Any, wanted: Any, allowed: Allowed, path: str, problems: list[Problem]) -> Any:
    if isinstance(allowed, Rows):
        return _rows(own, wanted, allowed, path, problems)
    if allowed is Leaf.ADDED:
        return [*own, *wanted] if isinstance(own, list) and isinstance(wanted, list) else wanted
    if not isinstance(wanted, Mapping):
        if isinstance(allowed, Mapping):
            problems.append(Problem(path, "", "must be a table"))
        return wanted
    if isinstance(allowed, Mapping):
        return _table(own, wanted, allowed, path, problems)
    return _laid_over(own, wanted)


def _laid_over(own: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables below an allowed one; decoding has bounded how deep they are."""
    merged = dict(own) if isinstance(own, Mapping) else {}
    for key, value in wanted.items():
        merged[key] = _laid_over(merged.get(key), value) if isinstance(value, Mapping) else value
    return merged


def _rows(own: Any, wanted: Any, rows: Rows, path: str, problems: list[Problem]) -> Any:
    merged = list(own) if isinstance(own, list) else []
    places = {row.get(rows.key): i for i, row in enumerate(merged) if isinstance(row, Mapping)}
    for number, (name, changes) in enumerate(_named(wanted, rows.key, path, problems)):
        if name not in places:
            what = f"there is no {rows.key} {name[:64]!r}, and none can be added from afar"
            problems.append(Problem(f"{path}[{number}]", "", what))
            continue
        place = places[name]
        merged[place] = _table(merged[place], changes, rows.table, f"{path}[{place}]", problems)
    return merged


def _named(
    wanted: Any, key: str, path: str, problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every table with its name; complain about what is none."""
    if not isinstance(wanted, list):
        problems.append(Problem(path, "", "must be an array of tables"))
        return
    for number, row in enumerate(wanted):
        name = row.get(key) if isinstance(row, Mapping) else None
        if isinstance(name, str):
            yield name, {k: value for k, value in row.items() if k != key}
        else:
            problems.append(Problem(f"{path}[{number}]", "", f"must be a table with {key!r}"))
