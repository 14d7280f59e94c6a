"""Files and folders that a configuration names and that must be there before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gleancam.config.keys import Config, RtspCamera
from gleancam.config.label_files import label_file_problems
from gleancam.config.problem import Problem
from gleancam.config.prototype_files import prototype_problems
from gleancam.secret_files import is_credential
from gleancam_engines.errors import ManifestError
from gleancam_engines.manifest import load


def file_problems(config: Config) -> Iterator[Problem]:
    """Find configured files and folders that are not there or cannot be read.

    A camera's own file or device is not among them: a camera that is away delays nobody.

    Yields:
        One problem for each missing or unreadable file, and each unusable folder.
    """
    for path, value in named_files(config):
        if value:
            yield from _readable(path, value)
    directory = Path(config.models.directory)
    yield from _model("models.embedder", directory / config.models.embedder, "embed")
    for index, name in enumerate(config.models.detectors):
        yield from _model(f"models.detectors[{index}]", directory / name, "detect")
    yield from prototype_problems(config)
    yield from label_file_problems(config)
    yield from _writable_folder("spool.path", Path(config.spool.path).parent)
    if config.decisions.enabled and config.decisions.path:
        yield from _writable_folder("decisions.path", Path(config.decisions.path).parent)
    if config.directory is not None:
        yield from _writable_folder("directory.path", Path(config.directory.path).parent)


def named_files(config: Config) -> Iterator[tuple[str, str | None]]:
    """Yield key and value of every file with a credential, a certificate or a key."""
    for index, camera in enumerate(config.cameras):
        if isinstance(camera, RtspCamera):
            yield f"cameras[{index}].credentials_file", camera.credentials_file
    mqtt = config.mqtt
    if mqtt is not None:
        yield "mqtt.username_file", mqtt.username_file
        yield "mqtt.password_file", mqtt.password_file
        if mqtt.tls is not None:
            for name in ("ca", "certificate", "key"):
                yield f"mqtt.tls.{name}", getattr(mqtt.tls, name)


def _readable(path: str, value: str) -> Iterator[Problem]:
    if is_credential(value):
        return  # only the service gets it; the daemon looks when it starts
    if not Path(value).is_file():
        yield Problem(path, repr(value), "no such file")
    elif not os.access(value, os.R_OK):
        yield Problem(path, repr(value), "cannot be read", "as this user; see its owner and mode")


def _model(path: str, directory: Path, task: str) -> Iterator[Problem]:
    """Look at a model's manifest; its files are fetched at start where they are damaged."""
    name = repr(directory.name)
    if not directory.is_dir():
        fetch = f"gleancam models fetch --directory {directory.parent} {directory.name}"
        yield Problem(path, name, f"is not in {directory.parent}", fetch)
        return
    try:
        manifest = load(directory)
    except ManifestError as error:
        yield Problem(path, name, str(error))
        return
    if manifest.task != task:
        what = f"is a model for {manifest.task!r}, not for {task!r}"
        yield Problem(path, name, what, "see gleancam models list")


def _writable_folder(path: str, folder: Path) -> Iterator[Problem]:
    if not folder.is_dir():
        yield Problem(path, repr(str(folder)), "no such folder", "create it")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Problem(path, repr(str(folder)), "cannot be written", "as this user")
