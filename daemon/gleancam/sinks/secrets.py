"""Files that hold a user name or a password, and who may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gleancam.errors import ConfigurationError

LIMIT_BYTES = 4096
_EXPOSED = stat.S_IRWXO | stat.S_IWGRP


def read_secret(key: str, path: str) -> str:
    """Return the one line of a file that only the daemon's user, or its group, can read.

    Args:
        key: the configuration key that names the file; used in errors, the content never is.
        path: of the file.

    Raises:
        ConfigurationError: it cannot be read, is open to others, or is not one line.
    """
    try:
        with Path(path).open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{key}: {path} cannot be read: {error.strerror}",
            cure="give the daemon's user a readable file",
        ) from error
    if mode & _EXPOSED:
        raise ConfigurationError(
            f"{key}: {path} is open to other users (mode {mode:04o})", cure=f"chmod 0640 {path}"
        )
    return _one_line(key, path, content)


def _one_line(key: str, path: str, content: bytes) -> str:
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
