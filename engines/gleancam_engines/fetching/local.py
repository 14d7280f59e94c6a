"""A model file that is already on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gleancam_engines.errors import FetchError
from gleancam_engines.fetching.checked import CHUNK_BYTES
from gleancam_engines.manifest_sources import FileSource


def read(source: FileSource, manifest_directory: Path) -> Iterator[bytes]:
    """Yield the bytes of the file.

    Raises:
        FetchError: it is not there or cannot be read.
    """
    path = manifest_directory / source.path
    try:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")
    except OSError as error:
        raise FetchError(f"file {path}: {error.strerror}") from error
