"""A committee as it is sent, and back: whoever reads a manifest can vote again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import asdict, replace

from gleancam.wire.ensemble_data import (
    CalibrationData,
    ClassData,
    CurveData,
    EnsembleData,
    MemberData,
    RulesData,
)
from gleancam.wire.error import WireError
from gleancam_engines.vocabularies import VOCABULARIES
from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration, Curve
from gleancam_engines.voting.committee import Committee, Member, Rules
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source, same_names

UNANSWERED = frozenset({"timeout", "failed"})


def ensemble_data(committee: Committee, confidence: float, raw_confidence: float) -> EnsembleData:
    """Return a committee as it is sent, on a frame on which all its members answered.

    Args:
        committee: who votes, and how.
        confidence: from which boxes vote, of classes that do not say otherwise.
        raw_confidence: what is left out of the evidence.
    """
    own_names = committee.ontology == same_names(_vocabularies(committee.members), confidence)
    return EnsembleData(
        strategy=committee.rules.strategy,
        models=tuple(member.member_id for member in committee.members),
        degraded_quorum=False,
        rules=_rules_data(committee.rules),
        members=tuple(map(_member_data, committee.members)),
        ontology=None if own_names else tuple(map(_class_data, committee.ontology.classes)),
        confidence=confidence,
        raw_confidence=raw_confidence,
        calibration=_calibration_data(committee.calibration),
    )


def with_statuses(data: EnsembleData, evidence: Sequence[Evidence]) -> EnsembleData:
    """Return the same on a frame of which this is the evidence; who gave none was not asked."""
    statuses = {one.member_id: one.status for one in evidence}
    members = tuple(
        replace(member, status=statuses.get(member.id, "skipped")) for member in data.members
    )
    degraded = any(member.status in UNANSWERED for member in members)
    return replace(data, members=members, degraded_quorum=degraded)


def committee_of(data: EnsembleData) -> Committee:
    """Return the committee that voted, whatever happened to its members on the frame.

    Raises:
        WireError: the manifest does not say how was voted, or what it says fits together nowhere.
    """
    if data.rules is None:
        raise WireError(f"the manifest names strategy {data.strategy!r}, but not its rules")
    members = tuple(map(_member, data.members))
    try:
        return Committee(members, _ontology(data, members), _rules(data.rules), _calibration(data))
    except ValueError as error:
        raise WireError(f"the manifest's ensemble is no committee: {error}") from error


def _vocabularies(members: Sequence[Member]) -> list[tuple[str, tuple[str, ...]]]:
    """Give every model's class names once, however many variants of it vote."""
    pairs = [(member.member_id.partition("@")[0], member.vocabulary) for member in members]
    return list(dict.fromkeys(pairs))


def _rules_data(rules: Rules) -> RulesData:
    return RulesData(
        strategy=rules.strategy,
        iou=rules.iou,
        iou_nms=rules.iou_nms,
        quorum=rules.quorum,
        box=rules.box,
        conf_type=rules.conf_type,
        label_confidence=rules.label_confidence,
        compat=rules.compat,
    )


def _rules(data: RulesData) -> Rules:
    return Rules(**asdict(data))


def _member_data(member: Member) -> MemberData:
    known = (name for name, names in VOCABULARIES.items() if names == member.vocabulary)
    classes = next(known, member.vocabulary)
    return MemberData(id=member.member_id, weight=member.weight, classes=classes)


def _member(data: MemberData) -> Member:
    if isinstance(data.classes, tuple):
        return Member(data.id, data.classes, data.weight)
    if data.classes not in VOCABULARIES:
        raise WireError(f"{data.id} sees {data.classes!r}, a list of classes unknown here")
    return Member(data.id, VOCABULARIES[data.classes], data.weight)


def _class_data(one: CanonicalClass) -> ClassData:
    sources = tuple(f"{source.model}:{source.name}" for source in one.sources)
    return ClassData(class_name=one.name, sources=sources, confidence=one.confidence)


def _ontology(data: EnsembleData, members: Sequence[Member]) -> Ontology:
    if data.ontology is None:
        return same_names(_vocabularies(members), data.confidence)
    return Ontology(tuple(map(_class, data.ontology)))


def _class(data: ClassData) -> CanonicalClass:
    pairs = (each.partition(":") for each in data.sources)
    sources = tuple(Source(model, name) for model, _, name in pairs)
    return CanonicalClass(data.class_name, sources, data.confidence)


def _calibration_data(calibration: Calibration) -> CalibrationData | None:
    if calibration == UNCALIBRATED:
        return None
    by_class: Mapping[str, Curve] = calibration.by_class
    return CalibrationData(
        common=_curve_data(calibration.common),
        by_class={name: _curve_data(curve) for name, curve in by_class.items()},
    )


def _curve_data(curve: Curve) -> CurveData:
    return CurveData(temperature=curve.temperature, knots=curve.knots)


def _calibration(data: EnsembleData) -> Calibration:
    if data.calibration is None:
        return UNCALIBRATED
    by_class = {name: _curve(curve) for name, curve in data.calibration.by_class.items()}
    return Calibration(_curve(data.calibration.common), by_class)


def _curve(data: CurveData) -> Curve:
    return Curve(data.temperature, data.knots)
