"""From the names of several models to canonical classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A name in the vocabulary of one model; `model` is the part of a member id before `@`."""

    model: str
    name: str


@dataclass(frozen=True, slots=True)
class CanonicalClass:
    """A class of ours, and where it comes from.

    Attributes:
        sources: names of models that mean it; many may map to one.
        confidence: boxes of it with a lower score do not count, 0…1.
    """

    name: str
    sources: tuple[Source, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Ontology:
    """Canonical classes, in order; names are unique, and a source stands for one class at most.

    Raises:
        ValueError: they are not.
    """

    classes: tuple[CanonicalClass, ...]


def same_names(vocabularies: Sequence[tuple[str, tuple[str, ...]]], confidence: float) -> Ontology:
    """Return the ontology in which every name of every model means itself.

    Args:
        vocabularies: model and class names of each; classes keep the order they first come in.
        confidence: of every class.
    """
    raise NotImplementedError
