"""Reads the files of prototypes that a selection names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gleancam.config.selection_keys import Selection, ZeroShot
from gleancam.selectors.references import References
from gleancam.selectors.zero_shot import ZeroShotClassifier
from gleancam_engines import prototypes
from gleancam_engines.errors import PrototypeError
from gleancam_engines.planes import Float32Array


def read_references(selection: Selection, space_id: str) -> References:
    """Return what frames of an embedding space are compared with.

    Raises:
        PrototypeError: a file is missing, damaged, of another space, or lacks a class.
    """
    tags = {}
    for near in selection.near:
        found = prototypes.load(Path(near.prototypes), space_id)
        tags[near.tag] = _chosen(near.prototypes, found, near.classes)[1]
    named = selection.zero_shot
    return References(tags, None if named is None else _classifier(named, space_id))


def _classifier(settings: ZeroShot, space_id: str) -> ZeroShotClassifier:
    found = prototypes.load(Path(settings.prototypes), space_id)
    names, vectors = _chosen(settings.prototypes, found, settings.classes)
    return ZeroShotClassifier(
        names,
        vectors,
        found.logit_scale,
        found.logit_bias,
        settings.tau,
        settings.margin,
        settings.tau_abs,
    )


def _chosen(
    file: str, found: prototypes.Prototypes, classes: Sequence[str] | None
) -> tuple[Sequence[str], Float32Array]:
    """Give the classes that count, in the configured order, and their rows."""
    names = classes or found.names
    for name in names:
        if name not in found.names:
            known = ", ".join(found.names)
            raise PrototypeError(f"{file} has no class {name!r}; it has {known}")
    return names, found.vectors[np.array([found.names.index(name) for name in names])]
