"""Whether the models are there and whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gleancam.config.keys import Config
from gleancam.doctor.finding import Finding, fail, ok
from gleancam_engines.errors import ManifestError
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.manifest import file_path, load


def examine(config: Config) -> Iterator[Finding]:
    """Read every configured model's manifest and hash its files."""
    directory = Path(config.models.directory)
    for name in (config.models.embedder, *config.models.detectors):
        yield _model(directory, name)


def _model(directory: Path, name: str) -> Finding:
    cure = f"gleancam models fetch --directory {directory} {name}"
    try:
        manifest = load(directory / name)
    except ManifestError as error:
        return fail("models", str(error), cure)
    for file in manifest.files:
        if not is_whole(file_path(directory / name, file.name), file):
            return fail("models", f"{name}: {file.name} is missing or has another hash", cure)
    return ok("models", f"{manifest.model_id} is whole")
