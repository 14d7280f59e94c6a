"""Prompts to prototypes, through the text tower that lies beside an image tower.

A class is the mean of the embeddings of all its texts, brought back to norm 1: "ensembling in the
embedding space" of Radford et al., 2021, "Learning Transferable Visual Models From Natural Language
Supervision", section 3.1.4.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Engine
from gleancam_engines.errors import PrototypeError
from gleancam_engines.export import _open_clip
from gleancam_engines.export.prompts import Prompts
from gleancam_engines.export.reference import open_reference
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.manifest import load
from gleancam_engines.planes import Float32Array
from gleancam_engines.prototypes import Prototypes
from gleancam_engines.text_tower import INPUT_NAME, OUTPUT_NAME, load_text_tower

Tokenizer = Callable[[list[str]], npt.NDArray[np.int64]]

BATCH = 32
_LEAST_NORM = 1e-3


def make_prototypes(directory: Path, prompts: Prompts, tell: Progress = silent) -> Prototypes:
    """Return the prototypes of the classes in the space of the model of `directory`.

    Raises:
        ModelFileError: the model has no text tower here, or its file is damaged.
        PrototypeError: the texts of a class cancel each other out.
        BackendUnavailableError: the `export` extra, or what the tokenizer needs, is not installed.
        FetchError: the tokenizer's vocabulary cannot be reached.
    """
    image = load(directory)
    tower = load_text_tower(directory, image)
    tokenizer = _open_clip.tokenizer(tower.model)
    with closing(open_reference(directory, tower.manifest(image))) as engine:
        vectors = _vectors(prompts, tokenizer, engine, tell)
    return Prototypes(
        tuple(prompts.classes), vectors, tower.logit_scale, tower.logit_bias, tower.space_id
    )


def _vectors(
    prompts: Prompts, tokenizer: Tokenizer, engine: Engine, tell: Progress
) -> Float32Array:
    rows = []
    for at, name in enumerate(prompts.classes):
        tell("classes", at, len(prompts.classes))
        rows.append(_ensemble(name, _embed(prompts.texts(name), tokenizer, engine)))
    tell("classes", len(rows), len(rows))
    return np.stack(rows)


def _embed(texts: list[str], tokenizer: Tokenizer, engine: Engine) -> Float32Array:
    """Return `(N, D)` float32 rows of norm 1."""
    tokens = tokenizer(texts)
    _require_room(texts, tokens)
    parts = (tokens[at : at + BATCH] for at in range(0, len(tokens), BATCH))
    return np.concatenate([engine.infer({INPUT_NAME: part})[OUTPUT_NAME] for part in parts])


def _require_room(texts: list[str], tokens: npt.NDArray[np.int64]) -> None:
    """Refuse texts that tokenizers would cut off without a word: those without padding after them.

    Raises:
        PrototypeError: there is one.
    """
    full = tokens[:, -1] != tokens[:, -2]
    if full.any():
        raise PrototypeError(
            f"{texts[int(full.argmax())]!r} is longer than the {tokens.shape[1]} tokens that the "
            "model reads; shorten it"
        )


def _ensemble(name: str, rows: Float32Array) -> Float32Array:
    mean = rows.astype(np.float64).mean(axis=0)
    norm = np.linalg.norm(mean)
    if norm < _LEAST_NORM:
        raise PrototypeError(f"the texts of class {name!r} cancel each other out; choose others")
    vector: Float32Array = (mean / norm).astype(np.float32)
    return vector
