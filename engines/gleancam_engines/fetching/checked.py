"""The one place where fetched bytes become a file: bounded, hashed, durable."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gleancam_engines.errors import ModelFileError
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.manifest_sources import InputFile, ModelFile

CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
            digest.update(chunk)
    return digest.hexdigest()


def is_whole(path: Path, want: ModelFile | InputFile) -> bool:
    """Return whether `path` is a file of the declared size and hash."""
    return (
        path.is_file() and path.stat().st_size == want.size_bytes and sha256_of(path) == want.sha256
    )


def write(chunks: Iterable[bytes], want: ModelFile | InputFile, to: Path, tell: Progress) -> None:
    """Write `chunks` to `to` and sync it, if they are what `want` declares.

    Raises:
        ModelFileError: they are longer than declared or have another hash; `to` is gone then.
    """
    digest = hashlib.sha256()
    try:
        with to.open("wb") as file:
            for chunk in _bounded(chunks, want, tell):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _compare(digest.hexdigest(), want)
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def _bounded(
    chunks: Iterable[bytes], want: ModelFile | InputFile, tell: Progress
) -> Iterator[bytes]:
    done_bytes = 0
    for chunk in chunks:
        done_bytes += len(chunk)
        if done_bytes > want.size_bytes:
            raise ModelFileError(f"{want.name} is longer than the declared {want.size_bytes} bytes")
        tell(want.name, done_bytes, want.size_bytes)
        yield chunk


def _compare(have: str, want: ModelFile | InputFile) -> None:
    if have != want.sha256:
        raise ModelFileError(
            f"{want.name} has sha256 {have}, but the manifest says {want.sha256}: "
            "this source holds another file; use another source or correct the manifest"
        )
