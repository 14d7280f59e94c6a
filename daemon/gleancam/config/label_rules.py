"""Rules between the keys of `[labels]`, and from there to models and zero-shot names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import astuple

from gleancam.config.keys import Models
from gleancam.config.label_keys import CanonicalClass, Labels, Member
from gleancam.config.problem import Problem
from gleancam.config.selection_keys import ZeroShot
from gleancam.config.shape import did_you_mean

UNKNOWN = "unknown"
"""What a frame is called that is like none of the zero-shot classes."""


def label_problems(labels: Labels, models: Models, zero_shot: ZeroShot | None) -> Iterator[Problem]:
    """Find what is wrong between keys of `[labels]` whose types are right.

    Yields:
        Members that are no detectors, names given twice, sources of models that are not there or
        that stand for two classes, routes without names, votes that can never come together.
    """
    for name, member in labels.members.items():
        yield from _member(f"labels.members.{name}", name, member, models, zero_shot)
    for path, source in _sources(labels):
        yield from _stranger(path, source.partition(":")[0], models.detectors)
    yield from _ambiguous(labels)
    yield from _confidence("labels", labels.confidence, models)
    for path, one in _classes(labels):
        yield from _confidence(path, one.confidence, models)
    yield from _votes(labels, models)
    if labels.compat and labels.strategy in {"wbf", "quorum"}:
        what = f'knows no strategy "{labels.strategy}"'
        cure = "set strategy to affirmative, consensus or unanimous"
        yield Problem("labels.compat", f'"{labels.compat}"', what, cure)
    rule = labels.informativeness
    if rule.label == "weighted" and not any(astuple(rule.weights)):
        yield Problem("labels.informativeness.weights", "{…}", "are all 0", "set one above 0")


def class_path(name: str) -> str:
    """Return the key path of a canonical class."""
    return f"labels.ontology.{name}"


def _member(
    path: str, name: str, member: Member, models: Models, zero_shot: ZeroShot | None
) -> Iterator[Problem]:
    yield from _stranger(path, name, models.detectors)
    yield from _twice(f"{path}.variants", member.variants)
    if member.only is None:
        return
    yield from _twice(f"{path}.only", member.only)
    if zero_shot is None:
        cure = "add [selection.zero_shot], which names frames"
        yield Problem(f"{path}.only", "", "needs names of frames", cure)
    elif zero_shot.classes is not None:
        yield from no_names(path, member.only, zero_shot.classes, "selection.zero_shot.classes")


def no_names(
    path: str, only: Sequence[str], classes: Sequence[str], where: str
) -> Iterator[Problem]:
    """Find names of frames on which a member runs, and that no frame will have."""
    for name in only:
        if name not in (*classes, UNKNOWN):
            what, cure = f"is no class of {where}", did_you_mean(name, (*classes, UNKNOWN))
            yield Problem(f"{path}.only", f'"{name}"', what, cure)


def _stranger(path: str, name: str, detectors: Sequence[str]) -> Iterator[Problem]:
    if name not in detectors:
        cure = did_you_mean(name, detectors) if detectors else "name it there"
        yield Problem(path, f'"{name}"', "is none of models.detectors", cure)


def _twice(path: str, names: Sequence[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(path, f'"{name}"', f"is named {count} times")


def _classes(labels: Labels) -> Iterator[tuple[str, CanonicalClass]]:
    for name, one in labels.ontology.items():
        yield class_path(name), one


def _sources(labels: Labels) -> Iterator[tuple[str, str]]:
    for path, one in _classes(labels):
        for index, source in enumerate(one.sources):
            yield f"{path}.sources[{index}]", source


def _ambiguous(labels: Labels) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path, source in _sources(labels):
        if first.setdefault(source, path) != path:
            cure = "a name stands for one class"
            yield Problem(path, f'"{source}"', f"stands at {first[source]} already", cure)


def _confidence(path: str, confidence: float | None, models: Models) -> Iterator[Problem]:
    if confidence is not None and confidence < models.raw_confidence:
        what = f"must not be below models.raw_confidence ({models.raw_confidence})"
        yield Problem(f"{path}.confidence", str(confidence), what)


def _votes(labels: Labels, models: Models) -> Iterator[Problem]:
    """Find classes that can never have the votes that are wanted."""
    if labels.strategy != "quorum":
        return
    yield from _too_few(labels, list(models.detectors), "labels.quorum", "there are only")
    for path, one in _classes(labels):
        sources = [source.partition(":")[0] for source in one.sources]
        yield from _too_few(labels, list(dict.fromkeys(sources)), path, "it can get only")


def _too_few(labels: Labels, names: Sequence[str], path: str, told: str) -> Iterator[Problem]:
    members = (labels.members.get(name, Member()) for name in names)
    count = sum(len(member.variants) for member in members)
    if count < labels.quorum:
        cure = "lower the quorum, or choose another strategy"
        what = f"labels.quorum wants {labels.quorum} votes, and {told} {count}"
        yield Problem(path, "", what, cure)
