"""Files and folders that a configuration names and that must be there before anything starts.

What is not there is a mistake of the configuration. A folder that is there and cannot be written
is the machine's: its disk was remounted read-only, or its owner is wrong.
"""

from __future__ import annotations

import os
import stat
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
        One problem for each missing or unreadable file, and each missing folder.
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
    for key, folder in _folders(config):
        if not _is_there(folder):
            yield Problem(key, repr(str(folder)), "no such folder", "create it")


def folder_problems(config: Config) -> Iterator[Problem]:
    """Find folders that are there, but cannot be written now.

    Yields:
        One problem for each.
    """
    for key, folder in _folders(config):
        if _is_there(folder) and not os.access(folder, os.W_OK | os.X_OK):
            yield Problem(key, repr(str(folder)), *_why_not(folder))


def _folders(config: Config) -> Iterator[tuple[str, Path]]:
    yield "spool.path", Path(config.spool.path).parent
    if config.decisions.enabled and config.decisions.path:
        yield "decisions.path", Path(config.decisions.path).parent
    if config.directory is not None:
        yield "directory.path", Path(config.directory.path).parent


def _is_there(folder: Path) -> bool:
    """Whether it is a folder; what cannot be looked at may be one."""
    try:
        return stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def _why_not(folder: Path) -> tuple[str, str]:
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return "lies on a read-only file system", "see dmesg; mount it writable again"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}", "check its disk, owner and mode"
    return "cannot be written", "by this user: check its owner and mode"


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
