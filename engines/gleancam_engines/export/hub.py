"""Weights from the hub that open_clip names. The one door of huggingface_hub.

Downloads are resumed where they broke off and kept in the hub's own cache (`HF_HOME`), which is
enough when `HF_HUB_OFFLINE=1`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gleancam_engines.errors import (
    BackendUnavailableError,
    EngineError,
    FetchError,
    ModelFileError,
)
from gleancam_engines.export._torch import INSTALL
from gleancam_engines.export.said import cause
from gleancam_engines.fetching.progress import Progress

OFFLINE_CURE = (
    "check the network and HF_HUB_OFFLINE and try again, or give a file with --checkpoint"
)


def download(repository: str, files: Sequence[str], tell: Progress) -> Path:
    """Return where the first of `files` that the repository has lies on this machine.

    Raises:
        BackendUnavailableError: huggingface_hub is not installed.
        FetchError: the hub cannot be reached and its cache has none of them, or the disk is full.
        ModelFileError: there is no such repository, it wants a login, or it has none of the files.
    """
    errors: list[EngineError] = []
    for name in files:
        found = _attempt(repository, name, tell)
        if isinstance(found, Path):
            return found
        errors.append(found)
    raise next((error for error in errors if error.transient), errors[-1])


def _attempt(repository: str, name: str, tell: Progress) -> Path | EngineError:
    """Return the file, or why this one is not to be had; the next may be."""
    try:
        from huggingface_hub import errors, hf_hub_download
    except ImportError as error:
        raise BackendUnavailableError(
            f"the hub needs huggingface_hub ({error}); {INSTALL}"
        ) from error
    try:
        return Path(
            hf_hub_download(repository, name, tqdm_class=_bars(f"{repository}/{name}", tell))
        )
    except errors.LocalEntryNotFoundError as error:
        return FetchError(
            f"{repository}/{name} is not in the hub's cache, and the hub was not reached "
            f"({cause(error)}); {OFFLINE_CURE}"
        )
    except errors.EntryNotFoundError:
        return ModelFileError(f"{repository} on the hub has no {name}; name another tag")
    except errors.RepositoryNotFoundError as error:  # a gated one among them
        raise ModelFileError(
            f"the hub does not give {repository} ({cause(error)}); look at its page there: it may "
            "want a login ('hf auth login') or its licence accepted"
        ) from error
    except OSError as error:
        raise FetchError(
            f"{repository}/{name} could not be downloaded ({cause(error)}); {OFFLINE_CURE}"
        ) from error


def _bars(what: str, tell: Progress) -> type[Any]:
    """Return a progress bar, as the hub's client wants one, that tells us and draws nothing."""
    from huggingface_hub.utils import tqdm

    class Telling(tqdm):  # type: ignore[misc] # Any: the library may not be installed
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})
            self._done_bytes = int(options.get("initial") or 0)
            self._total_bytes = options.get("total")

        def update(self, n: float | None = 1) -> bool | None:
            self._done_bytes += int(n or 0)
            tell(what, self._done_bytes, self.total or self._total_bytes)
            return None

    return Telling
