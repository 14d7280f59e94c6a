"""A committee as it is sent is the committee, and evidence as it is sent is the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from gleancam.wire.boxes import evidence_data, evidence_of_data
from gleancam.wire.codec import decode, encode
from gleancam.wire.ensemble import committee_of, ensemble_data, with_statuses
from gleancam.wire.ensemble_data import NOBODY, EnsembleData
from gleancam.wire.error import WireError
from gleancam.wire.sample_data import EvidenceData
from gleancam_engines.vocabularies import COCO_80
from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration, Curve
from gleancam_engines.voting.committee import (
    BoxRule,
    Committee,
    ConfidenceType,
    Member,
    Rules,
    Strategy,
)
from gleancam_engines.voting.evidence import Evidence, Status, silent
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source, same_names

CONFIDENCE, RAW = 0.3, 0.05
SHARES = st.floats(0, 1)
NAMES = st.text(min_size=1, max_size=8)
VOCABULARIES = st.one_of(
    st.just(COCO_80), st.lists(NAMES, min_size=1, max_size=5, unique=True).map(tuple)
)
MODELS = ("a", "b-2", "c")
CURVES = st.one_of(
    st.builds(Curve, st.floats(0.01, 100)),
    st.lists(st.tuples(SHARES, SHARES), max_size=4, unique_by=lambda knot: knot[0]).map(
        lambda knots: Curve(
            1.0,
            tuple(
                zip(sorted(x for x, _ in knots), sorted(y for _, y in knots), strict=True),
            ),
        )
    ),
)


@st.composite
def members(draw: st.DrawFn) -> tuple[Member, ...]:
    found = []
    for model in draw(st.lists(st.sampled_from(MODELS), unique=True, max_size=3)):
        vocabulary, weight = draw(VOCABULARIES), draw(st.floats(1e-3, 1e3))
        variants = draw(st.sampled_from([("",), ("", "+hflip"), ("+gamma0.7",)]))
        found += [Member(f"{model}@0123{variant}", vocabulary, weight) for variant in variants]
    return tuple(found)


@st.composite
def ontologies(draw: st.DrawFn, who: tuple[Member, ...]) -> Ontology:
    vocabularies = [(one.member_id.partition("@")[0], one.vocabulary) for one in who]
    if not who or draw(st.booleans()):
        return same_names(vocabularies, CONFIDENCE)
    every = {(model, name): None for model, names in vocabularies for name in names[:5]}
    sources = draw(st.permutations(list(every)))
    parts = [sources[at::3] for at in range(3)]
    return Ontology(
        tuple(
            CanonicalClass(f"class {at}", tuple(Source(*each) for each in part), draw(SHARES))
            for at, part in enumerate(parts)
            if part
        )
    )


@st.composite
def committees(draw: st.DrawFn) -> Committee:
    who = draw(members())
    rules = Rules(
        strategy=draw(st.sampled_from(get_args(Strategy))),
        iou=draw(st.none() | SHARES),
        iou_nms=draw(SHARES),
        quorum=draw(st.integers(1, 9)),
        box=draw(st.sampled_from(get_args(BoxRule))),
        conf_type=draw(st.sampled_from(get_args(ConfidenceType))),
    )
    curves = st.dictionaries(NAMES, CURVES, max_size=3)
    calibration = draw(st.just(UNCALIBRATED) | st.builds(Calibration, CURVES, curves))
    return Committee(who, draw(ontologies(who)), rules, calibration)


@given(committees())
def test_a_committee_is_sent_and_comes_back_as_it_was(committee: Committee) -> None:
    data = ensemble_data(committee, CONFIDENCE, RAW)
    sent = decode(encode(data), EnsembleData, limit_bytes=10**6)
    assert sent == data
    assert committee_of(sent) == committee
    assert ensemble_data(committee_of(sent), CONFIDENCE, RAW) == data


@given(VOCABULARIES, st.data())
def test_evidence_is_sent_and_comes_back_as_it_was(
    vocabulary: tuple[str, ...], data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, 20))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    evidence = Evidence(
        "m@0+hflip",
        vocabulary,
        np.round(rng.random((count, 4)), 4),
        np.round(rng.random(count), 4),
        rng.integers(0, len(vocabulary), count).astype(np.int32),
    )
    sent = encode(evidence_data(evidence))
    member = Member(evidence.member_id, vocabulary)
    back = evidence_of_data(decode(sent, EvidenceData, limit_bytes=10**6), member)
    for name in ("xyxy", "score", "class_id"):
        np.testing.assert_array_equal(getattr(back, name), getattr(evidence, name))
        assert getattr(back, name).dtype == getattr(evidence, name).dtype
    assert encode(evidence_data(back)) == sent


A, B = Member("a@1", ("x", "y")), Member("b@2", ("y",), 0.5)
BOTH = Committee((A, B), same_names([("a", A.vocabulary), ("b", B.vocabulary)], CONFIDENCE))
SENT = ensemble_data(BOTH, CONFIDENCE, RAW)


@pytest.mark.parametrize(
    ("status", "degraded"), [("ok", False), ("skipped", False), ("timeout", True), ("failed", True)]
)
def test_a_frame_says_what_became_of_each_member(status: Status, *, degraded: bool) -> None:
    said = [silent("a@1", A.vocabulary, "ok"), silent("b@2", B.vocabulary, status)]
    data = with_statuses(SENT, said)
    assert [member.status for member in data.members] == ["ok", status]
    assert data.degraded_quorum is degraded
    assert committee_of(data) == BOTH


def test_who_gave_no_evidence_was_not_asked() -> None:
    data = with_statuses(SENT, [silent("a@1", A.vocabulary, "ok")])
    assert [member.status for member in data.members] == ["ok", "skipped"]
    assert not data.degraded_quorum


def test_nobody_is_a_committee() -> None:
    assert committee_of(NOBODY) == Committee((), Ontology(()))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (changed(SENT, rules=None), "not its rules"),
        (changed(SENT, members=(SENT.members[0],) * 2), "is no committee"),
        (changed(SENT, members=(changed(SENT.members[0], classes="coco-8"),)), "unknown here"),
    ],
)
def test_a_manifest_that_does_not_say_how_was_voted_is_refused(
    data: EnsembleData, what: str
) -> None:
    with pytest.raises(WireError, match=what):
        committee_of(data)


@pytest.mark.parametrize(
    ("evidence", "what"),
    [
        (EvidenceData(model_id="b@2", boxes=(), scores=(), classes=()), "none of a@1"),
        (EvidenceData(model_id="a@1", boxes=(), scores=(), classes=("z",)), "'z'"),
        (EvidenceData(model_id="a@1", boxes=(), scores=(0.5,), classes=("x",)), "must be"),
        (
            EvidenceData(
                model_id="a@1",
                boxes=((0.0, 0.0, 1.0, 1.0),),
                scores=(0.5,),
                classes=("x",),
                status="timeout",
            ),
            "has no boxes",
        ),
    ],
)
def test_evidence_that_is_none_is_refused(evidence: EvidenceData, what: str) -> None:
    with pytest.raises(WireError, match=what):
        evidence_of_data(evidence, A)


def test_variants_of_one_model_share_its_names() -> None:
    flipped = replace(A, member_id="a@1+hflip")
    committee = Committee((A, flipped), same_names([("a", A.vocabulary)], CONFIDENCE))
    assert ensemble_data(committee, CONFIDENCE, RAW).ontology is None
