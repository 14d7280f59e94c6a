"""From the evidence and the settings in one manifest to its labels."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from gleancam.wire.boxes import evidence_of_data, label_data
from gleancam.wire.codec import decode, encode
from gleancam.wire.ensemble import committee_of, with_statuses
from gleancam.wire.ensemble_data import EnsembleData
from gleancam.wire.error import WireError
from gleancam.wire.sample_data import LabelData, SampleData
from gleancam_engines.voting.committee import Committee
from gleancam_engines.voting.evidence import Evidence
from gleancam_upstream.errors import RevoteError
from gleancam_upstream.revoting.overrides import AS_IT_WAS, Overrides

LIMIT_BYTES = 1024 * 1024


class Voted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of JSON lines: what a vote makes of one sample."""

    sample_id: str
    camera: str
    labels: tuple[LabelData, ...]
    ensemble: EnsembleData


def voted(data: SampleData, overrides: Overrides = AS_IT_WAS) -> Voted:
    """Vote again on one sample.

    Without overrides its labels are those that the device sent, byte for byte.

    Raises:
        RevoteError: the manifest does not say enough, or the overrides do not fit it.
    """
    try:
        asked = overrides.applied(data.ensemble)
        committee = _committee(encode(asked))
        evidence = evidence_of(data, committee)
        verdict = committee.vote(evidence, (data.frame.width, data.frame.height))
    except (WireError, ValueError) as error:
        raise RevoteError(str(error)) from error
    return Voted(
        sample_id=data.sample_id,
        camera=data.camera,
        labels=label_data(verdict.labels),
        ensemble=with_statuses(asked, evidence),
    )


def is_reviewed(data: SampleData) -> bool:
    """Whether people have said something of its labels, which a vote would lose."""
    return any(label.status != "generated" for label in data.labels)


def as_it_is(data: SampleData) -> Voted:
    """Return what the manifest says, without a vote."""
    return Voted(
        sample_id=data.sample_id, camera=data.camera, labels=data.labels, ensemble=data.ensemble
    )


def with_vote(data: SampleData, vote: Voted) -> SampleData:
    """Return the manifest with the labels of a vote, and the settings that it was taken under."""
    return msgspec.structs.replace(data, labels=vote.labels, ensemble=vote.ensemble)


def evidence_of(data: SampleData, committee: Committee) -> list[Evidence]:
    """Return what the committee's members said, in the order it was sent in.

    Raises:
        WireError: something of it fits no member.
    """
    members = {member.member_id: member for member in committee.members}
    return [
        evidence_of_data(one, members[one.model_id])
        for one in data.evidence
        if one.model_id in members
    ]


@lru_cache(maxsize=32)
def _committee(settings: bytes) -> Committee:
    """One for thousands of samples; a few statuses make a few of them."""
    return committee_of(decode(settings, EnsembleData, limit_bytes=LIMIT_BYTES))
