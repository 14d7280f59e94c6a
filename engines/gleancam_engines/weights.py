"""The bytes of a model, read once and held against the manifest's hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gleancam_engines.errors import ModelFileError
from gleancam_engines.manifest import Manifest, file_path


def read_checked(directory: Path, manifest: Manifest) -> bytes:
    """Return the model's bytes: what is hashed is what is run, whatever happens to the file.

    Raises:
        ModelFileError: the file is missing, unreadable or has another hash.
    """
    path = file_path(directory, manifest.weights.name)
    again = f"run 'gleancam models fetch {manifest.name}'"
    try:
        model = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read ({error.strerror}); {again}") from error
    have = hashlib.sha256(model).hexdigest()
    if have != manifest.weights.sha256:
        raise ModelFileError(
            f"{path} has sha256 {have}, but its manifest says {manifest.weights.sha256}; {again}"
        )
    return model
