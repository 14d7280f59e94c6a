"""Single keys set on the command line: `mqtt.port=1884`, `cameras.gate.fps=2`."""

from __future__ import annotations

import sys
from typing import Any

from gleancam.credentials import hide_credentials
from gleancam.errors import ConfigurationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def override(document: dict[str, Any], setting: str) -> None:
    """Put one `KEY=VALUE` into a decoded document; the result is validated like any other.

    A part of the key that follows an array of tables is the `id` of the one that is meant. VALUE is
    TOML, or else a bare string.

    Raises:
        ConfigurationError: no `=`, the key leads nowhere, or VALUE holds a password.
    """
    key, equals, value = setting.partition("=")
    if not equals or not key:
        cure = "write --set KEY=VALUE, e.g. --set mqtt.port=1884"
        raise ConfigurationError(f"--set {hide_credentials(setting)}: no KEY=VALUE", cure=cure)
    if hide_credentials(value) != value:
        cure = "write it into credentials_file, which only the daemon can read"
        raise ConfigurationError(
            f"--set {key}: a command line is no place for a password, everybody can read it",
            cure=cure,
        )
    *tables, last = key.split(".")
    table: Any = document
    for name in tables:
        table = _descend(table, name, key)
    if not isinstance(table, dict):
        raise ConfigurationError(f"--set {key}: {tables[-1]!r} is no table")
    table[last] = _value(value)


def _descend(table: Any, name: str, key: str) -> Any:
    if isinstance(table, dict):
        return table.setdefault(name, {})
    if isinstance(table, list):
        for item in table:
            if isinstance(item, dict) and item.get("id") == name:
                return item
    raise ConfigurationError(f"--set {key}: there is no {name!r}", cure="check the key's parts")


def _value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return parsed["value"] if len(parsed) == 1 else text
