"""Example pictures to prototypes: a class is what its pictures have in common.

A class is the mean of the embeddings of its pictures, each of norm 1 before and the mean brought
back to norm 1 after: the same as for texts, and what Snell, Swersky, Zemel, 2017, "Prototypical
Networks for Few-shot Learning", section 2.2, does. It needs no text tower, so that it works with
every embedder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gleancam_engines.errors import PictureError, PrototypeError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.photographs import read_photographs
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.prototypes import Prototypes
from gleancam_engines.separation import Separation, logit_scale, separations

BATCH = 8
_LEAST_NORM = 1e-3

Embed = Callable[[Sequence[Planes]], Float32Array]
"""Pictures in, `(N, D)` float32 rows of norm 1 out, in the same order."""


@dataclass(frozen=True, slots=True)
class Exemplified:
    """What came of example pictures.

    Attributes:
        separations: of each class, in order.
    """

    prototypes: Prototypes
    separations: tuple[Separation, ...]


def folders_of(folder: Path) -> dict[str, Path]:
    """Return the folders in `folder`, each a class by its name, in order of their names.

    Raises:
        PictureError: it is missing, or there is none in it.
    """
    found = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    if not found:
        raise PictureError(
            f"{folder} holds no folders; give one folder of pictures for each class in it, or "
            f"a single class as NAME={folder}"
        )
    return {each.name: each for each in found}


def make_from_examples(
    folders: Mapping[str, Path], embed: Embed, space_id: str, tell: Progress = silent
) -> Exemplified:
    """Return the prototypes of the classes whose pictures lie in `folders`, and how they lie apart.

    Of more than 64 pictures in a folder, that many are taken, evenly spread over their names.

    Raises:
        PictureError: a folder is missing or holds none, or a picture is damaged.
        PrototypeError: the pictures of a class cancel each other out.
        TensorError: the model cannot embed one.
    """
    rows = []
    for at, folder in enumerate(folders.values()):
        tell("classes", at, len(folders))
        rows.append(_embed(read_photographs(folder), embed))
    tell("classes", len(rows), len(rows))
    names = tuple(folders)
    vectors = np.stack([_mean(name, each) for name, each in zip(names, rows, strict=True)])
    prototypes = Prototypes(names, vectors, logit_scale(rows), None, space_id)
    return Exemplified(prototypes, separations(names, rows))


def _embed(pictures: Sequence[Planes], embed: Embed) -> Float32Array:
    parts = [embed(pictures[at : at + BATCH]) for at in range(0, len(pictures), BATCH)]
    return np.concatenate(parts)


def _mean(name: str, rows: Float32Array) -> Float32Array:
    mean = rows.astype(np.float64).mean(axis=0)
    norm = np.linalg.norm(mean)
    if norm < _LEAST_NORM:
        raise PrototypeError(f"the pictures of class {name!r} cancel each other out; sort them")
    return np.asarray(mean / norm, np.float32)
