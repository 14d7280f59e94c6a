"""Another ontology: canonical classes that somebody asks for, held against who can emit them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gleancam.wire.ensemble_data import ClassData
from gleancam_engines.voting.committee import Member
from gleancam_upstream.errors import RevoteError


@dataclass(frozen=True, slots=True)
class AskedClass:
    """A canonical class.

    Attributes:
        sources: what models call it, each `model:name`.
        confidence: boxes of it with a lower score do not count; None: as the manifest says.
    """

    name: str
    sources: tuple[str, ...]
    confidence: float | None = None


def asked_classes(
    asked: Sequence[AskedClass], members: Sequence[Member], confidence: float
) -> tuple[ClassData, ...]:
    """Return the classes as they are sent.

    Raises:
        RevoteError: a member has no class of a source's name, or no member is named at all.
    """
    known = {member.member_id.partition("@")[0]: member.vocabulary for member in members}
    sources = [source.partition(":") for one in asked for source in one.sources]
    for model, _, name in sources:
        if name not in known.get(model, (name,)):
            raise RevoteError(f"the ontology's source {model}:{name}: {model} has no such class")
    if not any(model in known for model, _, _ in sources):
        raise RevoteError(
            "no source of the ontology is a member's", cure=f"members are {', '.join(known)}"
        )
    return tuple(
        ClassData(
            class_name=one.name,
            sources=one.sources,
            confidence=confidence if one.confidence is None else one.confidence,
        )
        for one in asked
    )
