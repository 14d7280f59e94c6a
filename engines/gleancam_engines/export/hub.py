"""Weights from the hub that open_clip names. The one door of huggingface_hub.

A file that the hub's own cache has is taken from there. Others are downloaded to `HF_HOME/gleancam`
by ourselves, since the hub's client starts a broken download anew, and held against their hash.
Either cache is enough when `HF_HUB_OFFLINE=1`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gleancam_engines.durable import move
from gleancam_engines.errors import (
    BackendUnavailableError,
    EngineError,
    FetchError,
    ModelFileError,
)
from gleancam_engines.export._torch import INSTALL
from gleancam_engines.export.resuming import resume
from gleancam_engines.export.said import cause
from gleancam_engines.fetching.checked import sha256_of
from gleancam_engines.fetching.progress import Progress

OFFLINE_CURE = (
    "check the network and HF_HUB_OFFLINE and try again, or give a file with --checkpoint"
)


def download(repository: str, files: Sequence[str], tell: Progress) -> Path:
    """Return where the first of `files` that the repository has lies on this machine.

    Raises:
        BackendUnavailableError: huggingface_hub is not installed.
        FetchError: the hub cannot be reached and no cache has one of them, or the disk is full.
        ModelFileError: there is no such repository, it wants a login, or it has none of the files.
    """
    for name in files:
        if here := _kept(repository, name):
            return here
    errors: list[EngineError] = []
    for name in files:
        found = _attempt(repository, name, tell)
        if isinstance(found, Path):
            return found
        errors.append(found)
    raise errors[-1]


def _kept(repository: str, name: str) -> Path | None:
    library = _library()
    cached = library.try_to_load_from_cache(repository, name)
    own = _place(repository, name)
    return Path(cached) if isinstance(cached, str) else own if own.is_file() else None


def _attempt(repository: str, name: str, tell: Progress) -> Path | ModelFileError:
    """Return the file, or that the repository has none of this name; it may have the next."""
    library = _library()
    url, what = library.hf_hub_url(repository, name), f"{repository}/{name}"
    try:
        found = library.get_hf_file_metadata(url)
        return _bring(found, _place(repository, name), tell, what)
    except library.errors.EntryNotFoundError:
        return ModelFileError(f"{repository} on the hub has no {name}; name another tag")
    except library.errors.RepositoryNotFoundError as error:  # a gated one among them
        raise ModelFileError(
            f"the hub does not give {repository} ({cause(error)}); look at its page there: it may "
            "want a login ('hf auth login') or its licence accepted"
        ) from error
    except (library.errors.HTTPError, OSError) as error:
        raise FetchError(f"{what} could not be had ({cause(error)}); {OFFLINE_CURE}") from error


def _bring(found: Any, place: Path, tell: Progress, what: str) -> Path:
    """Download to `place`, and hold it against the hash that the hub has of large files."""
    tag = re.sub("[^0-9A-Za-z]", "", found.etag or "")[:64]
    part = place.with_name(f"{place.name}.{tag[:16]}.part")
    place.parent.mkdir(parents=True, exist_ok=True)
    resume(found.location, part, found.size or 0, _headers(found.location), tell, what)
    if len(tag) == 64 and sha256_of(part) != tag:
        part.unlink()
        raise FetchError(f"{what} arrived damaged: its hash is not {tag}; try again")
    move(part, place)
    return place


def _headers(location: str) -> dict[str, str]:
    """Return the login for the hub itself; whoever it sends us to has no business with it."""
    from huggingface_hub.utils import build_hf_headers

    headers: dict[str, str] = build_hf_headers()
    if urlsplit(location).netloc != urlsplit(_library().constants.ENDPOINT).netloc:
        headers.pop("authorization", None)
    return headers


def _place(repository: str, name: str) -> Path:
    home = Path(_library().constants.HF_HOME)
    return home / "gleancam" / repository.replace("/", "--") / name


def _library() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError as error:
        raise BackendUnavailableError(
            f"the hub needs huggingface_hub ({error}); {INSTALL}"
        ) from error
    return huggingface_hub
