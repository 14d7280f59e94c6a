"""One process at a time in a directory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gleancam_engines.errors import CompileError


def _nothing() -> None:
    pass


@contextmanager
def locked(directory: Path, waiting: Callable[[], None] = _nothing) -> Iterator[None]:
    """Hold the lock of a directory; call `waiting` once if another process has it.

    The kernel drops it when its holder ends, however that is, so nothing is left behind.

    Raises:
        CompileError: there is no such directory, or its file system knows no locks.
    """
    descriptor = _open(directory)
    try:
        if not _acquire(descriptor, directory, fcntl.LOCK_NB):
            waiting()
            _acquire(descriptor, directory, 0)
        yield
    finally:
        os.close(descriptor)


def _open(directory: Path) -> int:
    try:
        return os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _failure(directory, error) from error


def _acquire(descriptor: int, directory: Path, how: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _failure(directory, error) from error
    return True


def _failure(directory: Path, error: OSError) -> CompileError:
    return CompileError(
        f"{directory} cannot be locked ({error.strerror}); keep models in a directory of a local "
        "file system that this user may read"
    )
