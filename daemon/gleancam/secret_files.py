"""Files that hold passwords and keys: where they are, and who may read them.

`credential:NAME` is a credential that systemd handed to this service (`LoadCredential=`,
systemd.exec(5)); everything else is a path.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gleancam.errors import ConfigurationError

LIMIT_BYTES = 4096
PREFIX = "credential:"
DIRECTORY = "CREDENTIALS_DIRECTORY"


def is_credential(named: str) -> bool:
    """Whether a configured file is one that systemd hands over."""
    return named.startswith(PREFIX)


def secret_path(key: str, named: str) -> Path:
    """Return where a configured file lies.

    Args:
        key: the configuration key that names the file; used in errors, the content never is.
        named: a path, or `credential:NAME`.

    Raises:
        ConfigurationError: a credential is asked for where systemd hands over none, or its name is
            none.
    """
    if not is_credential(named):
        return Path(named)
    name, folder = named.removeprefix(PREFIX), os.environ.get(DIRECTORY, "")
    if not name or "/" in name or name in {".", ".."}:
        raise ConfigurationError(f"{key}: {named!r} names no credential", cure="write a plain name")
    if not folder:
        raise ConfigurationError(
            f"{key}: no credentials were handed to this process",
            cure=f"it is started by systemd, with LoadCredential={name}:FILE in the unit",
        )
    return Path(folder) / name


def check_private(key: str, path: Path) -> None:
    """Refuse a file that other users can read or write.

    A group may read what root owns, if it is the daemon's own group: so a service gets a secret.
    What systemd hands over is its concern, and its mode shows an access list as a group.

    Raises:
        ConfigurationError: it is open to others, or cannot be looked at.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(key, path, error) from error
    mode = stat.S_IMODE(status.st_mode)
    ours_by_group = status.st_uid == 0 and status.st_gid == os.getegid()
    may_read = stat.S_IRGRP if ours_by_group or _handed_over(path) else 0
    if mode & (stat.S_IRWXO | stat.S_IRWXG) & ~may_read:
        raise ConfigurationError(
            f"{key}: {path} is open to other users (mode {mode:04o})",
            cure=f"chmod 0600 {path}; or 0640 with owner root and the daemon's group",
        )


def read_secret(key: str, named: str) -> str:
    """Return the one line of a file that nobody else can read.

    Args:
        key: as in `secret_path`.
        named: as in `secret_path`.

    Raises:
        ConfigurationError: it cannot be read, is open to others, or is not one line.
    """
    path = secret_path(key, named)
    check_private(key, path)
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise _unreadable(key, path, error) from error
    return _one_line(key, path, content)


def _handed_over(path: Path) -> bool:
    folder = os.environ.get(DIRECTORY, "")
    return bool(folder) and path.parent == Path(folder)


def _unreadable(key: str, path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{key}: {path} cannot be read: {error.strerror}",
        cure="give the daemon's user a readable file",
    )


def _one_line(key: str, path: Path, content: bytes) -> str:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        lines = []
    if len(content) > LIMIT_BYTES or len(lines) != 1 or not lines[0]:
        raise ConfigurationError(
            f"{key}: {path} does not hold exactly one line of UTF-8 text",
            cure="write the secret, and nothing else, into it",
        )
    return lines[0]
