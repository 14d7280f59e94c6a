"""Files of prototypes that a configuration names: there, whole, and of the embedder's space."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gleancam.config.keys import Config
from gleancam.config.problem import Problem
from gleancam.config.selection_keys import Near, ZeroShot
from gleancam.config.shape import did_you_mean
from gleancam_engines import manifest, prototypes
from gleancam_engines.errors import ManifestError, PrototypeError
from gleancam_engines.prototypes import Prototypes


def prototype_problems(config: Config) -> Iterator[Problem]:
    """Read every file of prototypes that is configured.

    Yields:
        Files that are missing, damaged or of another embedding space than the embedder, and
        classes that their file does not hold.
    """
    space_id = _space_id(config)
    for path, section in named_prototypes(config):
        yield from _problems(path, section, space_id)


def named_prototypes(config: Config) -> Iterator[tuple[str, Near | ZeroShot]]:
    """Give every table that names a file of prototypes, with its key path."""
    for index, near in enumerate(config.selection.near):
        yield f"selection.near[{index}]", near
    if config.selection.zero_shot is not None:
        yield "selection.zero_shot", config.selection.zero_shot


def _space_id(config: Config) -> str | None:
    """Give the embedder's space; None where it has no sound manifest, which is told elsewhere."""
    try:
        return manifest.load(Path(config.models.directory) / config.models.embedder).space_id
    except ManifestError:
        return None


def _problems(path: str, section: Near | ZeroShot, space_id: str | None) -> Iterator[Problem]:
    try:
        found = _read(Path(section.prototypes), space_id)
    except PrototypeError as error:
        yield Problem(f"{path}.prototypes", repr(section.prototypes), str(error))
        return
    for name in section.classes or ():
        if name not in found.names:
            what = f"is no class of {section.prototypes}"
            yield Problem(f"{path}.classes", f'"{name}"', what, did_you_mean(name, found.names))


def _read(path: Path, space_id: str | None) -> Prototypes:
    return prototypes.read(path) if space_id is None else prototypes.load(path, space_id)
