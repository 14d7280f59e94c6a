"""A panel of detectors that vote as they do by default."""

from __future__ import annotations

from collections.abc import Sequence

from gleancam.labelling import Panel
from gleancam.voter import Voter
from gleancam_engines.detectors.base import Detector
from gleancam_engines.picture_variants import variant
from gleancam_engines.voting.committee import Committee
from gleancam_engines.voting.member import Member
from gleancam_engines.voting.ontology import Ontology, same_names
from gleancam_engines.voting.rules import Rules

CONFIDENCE = 0.3


def made_voter(
    detector: Detector,
    shown: str = "none",
    *,
    only: Sequence[str] | None = None,
    timeout_s: float | None = None,
    weight: float = 1.0,
) -> Voter:
    variant_ = variant(shown)
    member = Member(f"{detector.model_id}{variant_.suffix}", detector.class_names, weight)
    route = None if only is None else frozenset(only)
    return Voter(member, detector, variant_, route, timeout_s)


def panel_of(
    voters: Sequence[Voter], ontology: Ontology | None = None, rules: Rules | None = None
) -> Panel:
    members = tuple(voter.member for voter in voters)
    vocabularies = [(one.member_id.partition("@")[0], one.vocabulary) for one in members]
    names = ontology or same_names(vocabularies, CONFIDENCE)
    return Panel(tuple(voters), Committee(members, names, rules or Rules()))


def made_panel(*detectors: Detector) -> Panel:
    return panel_of([made_voter(detector) for detector in detectors])
