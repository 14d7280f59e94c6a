"""The manifests that come with gleancam, one folder a model."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from gleancam_engines.errors import ManifestError
from gleancam_engines.manifest import FILE_NAME

_DIRECTORY = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of all models of the catalogue, sorted."""
    return tuple(sorted(path.parent.name for path in _DIRECTORY.glob(f"*/{FILE_NAME}")))


def find(name: str) -> Path:
    """Return the folder that holds the manifest of `name`.

    Raises:
        ManifestError: the catalogue has no such model.
    """
    if name in names():
        return _DIRECTORY / name
    near = get_close_matches(name, names(), 1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names())}"
    raise ManifestError(f"the catalogue has no model {name!r}; {hint}")
