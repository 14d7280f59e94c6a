"""Read a configuration file, and say everything that is wrong with it at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from gleancam.config import shape
from gleancam.config.bandwidth import shared_budget
from gleancam.config.keys import Config
from gleancam.config.named_files import file_problems, folder_problems
from gleancam.config.overrides import override
from gleancam.config.problem import InvalidConfigurationError, UnwritableError
from gleancam.config.rules import rule_problems
from gleancam.errors import ConfigurationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_PATH = Path("/etc/gleancam/config.toml")


def load(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read `path`, with single keys replaced by `overrides`, each `KEY=VALUE`.

    Raises:
        ConfigurationError: the file cannot be read or is no TOML.
        InvalidConfigurationError: it is, but does not fit; the error lists every problem.
    """
    return configuration(read_document(path, overrides), str(path))


def read_document(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Read `path` with its overrides, and look at nothing that it says.

    Raises:
        ConfigurationError: the file cannot be read or is no TOML.
    """
    document = _document(path)
    for setting in overrides:
        override(document, setting)
    return document


def configuration(document: dict[str, Any], where: str) -> Config:
    """Convert a decoded document, whatever it was decoded from; `where` begins the message.

    Raises:
        InvalidConfigurationError: it does not fit; the error lists every problem.
    """
    if found := [*shape.problems(document, Config), *rule_problems(document)]:
        raise InvalidConfigurationError(where, found)
    return shared_budget(msgspec.convert(document, Config))


def check_files(config: Config, where: str) -> None:
    """Check the files that a configuration names; `where` begins the message.

    Raises:
        InvalidConfigurationError: files or folders are missing; the error lists all of them.
    """
    if found := list(file_problems(config)):
        raise InvalidConfigurationError(where, found)


def check_folders(config: Config, where: str) -> None:
    """Check that the folders a configuration names can be written; `where` begins the message.

    Raises:
        UnwritableError: they cannot, now; the error lists all of them.
    """
    if found := list(folder_problems(config)):
        raise UnwritableError(where, found)


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        cure = "write one (configs/minimal.toml is a start), or name another with --config"
        raise ConfigurationError(f"{path}: no such file", cure=cure) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 ({error.reason})") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        cure = "give this user the right to read it"
        raise ConfigurationError(f"{path}: {error.strerror}", cure=cure) from None
    return document
