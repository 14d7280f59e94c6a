"""From the names of several models to canonical classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A name in the vocabulary of one model; `model` is the part of a member id before `@`."""

    model: str
    name: str

    def __str__(self) -> str:
        return f"{self.model}:{self.name}"


@dataclass(frozen=True, slots=True)
class CanonicalClass:
    """A class of ours, and where it comes from.

    Attributes:
        sources: names of models that mean it; many may map to one.
        confidence: boxes of it with a lower score do not count, 0…1.

    Raises:
        ValueError: it has no name or no source, or its confidence is outside 0…1.
    """

    name: str
    sources: tuple[Source, ...]
    confidence: float

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("ontology: a class has no name; give it one")
        if not self.sources:
            raise ValueError(
                f"ontology: class {self.name!r} has no source, so nobody can name it; "
                "add a source as model:name, or leave the class out"
            )
        if not 0 <= self.confidence <= 1:
            raise ValueError(
                f"ontology: the confidence of class {self.name!r} is {self.confidence}, "
                "but must lie in 0…1"
            )


@dataclass(frozen=True, slots=True)
class Ontology:
    """Canonical classes, in order; names are unique, and a source stands for one class at most.

    Raises:
        ValueError: they are not.
    """

    classes: tuple[CanonicalClass, ...]

    def __post_init__(self) -> None:
        names: set[str] = set()
        for one in self.classes:
            if one.name in names:
                raise ValueError(
                    f"ontology: two classes are named {one.name!r}; "
                    "give one of them another name, or join their sources"
                )
            names.add(one.name)
        self.numbers()

    def numbers(self) -> dict[tuple[str, str], int]:
        """Map each source, as (model, name), to the number of the class it stands for.

        Raises:
            ValueError: a source stands for two classes.
        """
        found: dict[tuple[str, str], int] = {}
        for number, one in enumerate(self.classes):
            for source in one.sources:
                other = found.setdefault((source.model, source.name), number)
                if other != number:
                    raise ValueError(
                        f"ontology: {source} is a source of {self.classes[other].name!r} and of "
                        f"{one.name!r}, but may stand for one class only; remove it from one"
                    )
        return found


def same_names(vocabularies: Sequence[tuple[str, tuple[str, ...]]], confidence: float) -> Ontology:
    """Return the ontology in which every name of every model means itself.

    Args:
        vocabularies: model and class names of each; classes keep the order they first come in.
        confidence: of every class.

    Raises:
        ValueError: the confidence is outside 0…1, or a model has a class without a name.
    """
    sources: dict[str, dict[Source, None]] = {}
    for model, names in vocabularies:
        for name in names:
            sources.setdefault(name, {})[Source(model, name)] = None
    return Ontology(
        tuple(CanonicalClass(name, tuple(found), confidence) for name, found in sources.items())
    )
