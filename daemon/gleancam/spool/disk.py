"""What the spool needs of the file system: an exclusive lock, a reserve of space, plain errors."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gleancam.errors import SpoolDamagedError, SpoolError, SpoolFullError

BALLAST_BYTES = 4 * 1024 * 1024
"""Enough for the log pages of many deletes."""

_NO_SPACE = ("database or disk is full", "disk I/O error", "attempt to write a readonly database")
"""SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY by message: Python 3.10 gives no code."""


_DAMAGE = (
    "database disk image is malformed",
    "file is not a database",
    "malformed database schema",
    "unsupported file format",
    "database corruption",
    "Could not decode to UTF-8",
)
"""SQLITE_CORRUPT and SQLITE_NOTADB, and text that is none."""


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into the spool's.

    Raises:
        SpoolFullError: the disk is full or takes no writes now; nothing was changed.
        SpoolDamagedError: the file is damaged.
        SpoolError: it is busy or cannot be opened.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if str(error) in _NO_SPACE:
            raise SpoolFullError(
                f"spool {path} cannot be written: {error}",
                cure=f"free space on, or repair, the disk of {path.parent}",
            ) from error
        if is_damage(error):
            raise SpoolDamagedError(
                f"spool {path} is damaged: {error}",
                cure="start gleancam, or run `gleancam spool fsck --repair`: it saves what it can",
            ) from error
        raise SpoolError(
            f"spool {path} cannot be used: {error}", cure="check the file's owner and the disk"
        ) from error


def is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether an error of SQLite's says that the file is damaged: it may quote what it found."""
    return isinstance(error, UnicodeDecodeError) or str(error).startswith(_DAMAGE)


def lock(path: Path) -> int:
    """Take the spool for this process alone; return the descriptor that holds the lock.

    The kernel drops the lock when the process ends, however it ends.

    Raises:
        SpoolError: another process has it, or the folder cannot be written.
    """
    beside = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise SpoolError(
            f"spool {path} cannot be opened: {error.strerror}",
            cure=f"make {path.parent} writable for the daemon's user",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise SpoolError(
            f"spool {path} is in use by another process",
            cure="stop the other gleancam (systemctl stop gleancam), or name another spool.path",
        ) from error
    return descriptor


def in_use(path: Path) -> bool:
    """Whether a process holds the spool now."""
    try:
        descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # Without a lock file nobody ever had it; one that cannot be read tells nothing.
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def free_bytes(directory: Path) -> int:
    """Return what the file system has left for this user."""
    stat = os.statvfs(directory)
    return stat.f_bavail * stat.f_frsize


class Ballast:
    """A file of nothing, thrown overboard when the disk is full: even a DELETE needs room."""

    def __init__(self, path: Path, size_bytes: int = BALLAST_BYTES) -> None:
        self._path = path.with_name(f"{path.name}.ballast")
        self._size_bytes = size_bytes

    def restore(self, spare_bytes: int) -> None:
        """Make the file if it is missing and `spare_bytes` allow it."""
        if self._path.exists() or spare_bytes < 2 * self._size_bytes:
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            os.posix_fallocate(descriptor, 0, self._size_bytes)
        except OSError:
            # Somebody else took the space meanwhile: without ballast is as good as before.
            self.release()
        finally:
            os.close(descriptor)

    def release(self) -> bool:
        """Delete the file; False when there was none."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
