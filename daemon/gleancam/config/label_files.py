"""What `[labels]` says of models and prototypes, held against their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gleancam.config.keys import Config
from gleancam.config.label_rules import class_path, no_names
from gleancam.config.problem import Problem
from gleancam.config.shape import did_you_mean
from gleancam_engines import manifest, prototypes
from gleancam_engines.errors import ManifestError, PrototypeError
from gleancam_engines.manifest import Manifest


def label_file_problems(config: Config) -> Iterator[Problem]:
    """Read the manifests and prototypes that `[labels]` leans on.

    Yields:
        Detectors that go by one name, names that a model does not have, and names of frames that
        the prototypes do not have. A file that is missing or damaged is told elsewhere.
    """
    found = {name: _manifest(config, name) for name in config.models.detectors}
    yield from _namesakes(found)
    names = {name: one.class_names for name, one in found.items() if one is not None}
    for class_name, one in config.labels.ontology.items():
        for index, source in enumerate(one.sources):
            model, _, name = source.partition(":")
            if (known := names.get(model)) is not None and name not in known:
                path = f"{class_path(class_name)}.sources[{index}]"
                what = f"{model} has no class {name!r}"
                yield Problem(path, f'"{source}"', what, did_you_mean(name, known))
    yield from _routes(config)


def _manifest(config: Config, name: str) -> Manifest | None:
    try:
        return manifest.load(Path(config.models.directory) / name)
    except ManifestError:
        return None


def _namesakes(found: Mapping[str, Manifest | None]) -> Iterator[Problem]:
    """Evidence names a model as its manifest does: two of one name could not be told apart."""
    first: dict[str, str] = {}
    for folder, one in found.items():
        if one is not None and first.setdefault(one.name, folder) != folder:
            what = f"is called {one.name!r} by its manifest, as {first[one.name]} is"
            yield Problem("models.detectors", f'"{folder}"', what, "give one another name")


def _routes(config: Config) -> Iterator[Problem]:
    zero_shot = config.selection.zero_shot
    if zero_shot is None or zero_shot.classes is not None:
        return  # `label_rules` has seen it
    try:
        known = prototypes.read(Path(zero_shot.prototypes)).names
    except PrototypeError:
        return
    for name, member in config.labels.members.items():
        if member.only is not None:
            path = f"labels.members.{name}"
            yield from no_names(path, member.only, known, zero_shot.prototypes)
