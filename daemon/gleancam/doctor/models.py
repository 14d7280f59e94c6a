"""Whether the models are there, whole, compiled where they have to be, and vouched for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import structs

from gleancam.config.keys import Config, Models
from gleancam.doctor import vouching
from gleancam.doctor.engines import chosen
from gleancam.doctor.finding import Finding, fail, ok, warn
from gleancam.opening import opening
from gleancam_engines.choice import probe_machine
from gleancam_engines.cuda.driver import Device
from gleancam_engines.errors import BackendUnavailableError, ManifestError
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.manifest import file_path, load

PART = "models"


def examine(config: Config) -> Iterator[Finding]:
    """Read every configured model's manifest, hash its files, and look for plan and receipt."""
    directory = Path(config.models.directory)
    probed = probe_machine()
    models = structs.replace(config.models, backend=chosen(config, probed).backend)
    for name in (models.embedder, *models.detectors):
        yield from _model(directory / name, models, probed.device)
    if directory.is_dir() and not os.access(directory, os.W_OK | os.X_OK):
        what = f"{directory} cannot be written by this user: nothing there is mended at start"
        yield warn(PART, what, f"chown -R it, or look as its user: {directory.owner()}")


def _model(directory: Path, models: Models, device: Device | None) -> Iterator[Finding]:
    cure = f"gleancam models fetch --directory {directory.parent} {directory.name}"
    try:
        manifest = load(directory)
    except ManifestError as error:
        yield fail(PART, str(error), cure)
        return
    for file in manifest.files:
        if not is_whole(file_path(directory, file.name), file):
            what = f"{directory.name}: {file.name} is missing or has another hash"
            yield fail(PART, what, cure)
            return
    yield ok(PART, f"{manifest.model_id} is whole")
    # A precision that the backend lacks has been said of the engine.
    with suppress(BackendUnavailableError):
        yield from vouching.examine(directory, manifest, opening(models, manifest), device)
