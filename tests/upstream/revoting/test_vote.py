"""A vote on what was sent is the vote that was taken."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gleancam.wire.codec import encode
from gleancam.wire.sample import sample_data
from gleancam_engines.voting.committee import BoxRule, ConfidenceType, Rules, Strategy
from gleancam_engines.voting.evidence import Status
from gleancam_upstream.errors import RevoteError
from gleancam_upstream.revoting.overrides import Overrides
from gleancam_upstream.revoting.vote import voted, with_vote
from made_datasets import made_box, stored
from made_votes import CURVES, ONTOLOGY, committee, own_names, voted_on

RULES = st.builds(
    Rules,
    strategy=st.sampled_from(get_args(Strategy)),
    iou=st.none() | st.sampled_from((0.3, 0.55, 0.9)),
    quorum=st.integers(1, 4),
    box=st.sampled_from(get_args(BoxRule)),
    conf_type=st.sampled_from(get_args(ConfidenceType)),
)
STATUSES = st.tuples(*[st.sampled_from(get_args(Status))] * 4)


@given(
    number=st.integers(0, 10**6),
    rules=RULES,
    mapped=st.booleans(),
    calibrated=st.booleans(),
    statuses=STATUSES,
)
def test_it_is_byte_for_byte_what_the_device_said(
    *, number: int, rules: Rules, mapped: bool, calibrated: bool, statuses: tuple[Status, ...]
) -> None:
    by = committee(rules, ONTOLOGY if mapped else None, CURVES if calibrated else None)
    sent = voted_on(number, by, statuses)
    assert encode(with_vote(sent.data, voted(sent.data))) == sent.raw


def test_the_published_code_depends_on_the_frame_and_is_told_it() -> None:
    by = committee(Rules(strategy="consensus", compat="onepanel"))
    sent = voted_on(3, by)
    assert sent.data.labels
    assert encode(with_vote(sent.data, voted(sent.data))) == sent.raw


@given(number=st.integers(0, 10**6), rules=RULES)
def test_another_strategy_is_as_if_the_device_had_voted_by_it(number: int, rules: Rules) -> None:
    asked = Overrides(strategy=rules.strategy, iou=rules.iou, confidence=0.4)
    if rules.strategy == "quorum":
        asked = Overrides(strategy="quorum", iou=rules.iou, quorum=rules.quorum, confidence=0.4)
    before = committee(Rules(box=rules.box, conf_type=rules.conf_type, quorum=rules.quorum))
    sent = voted_on(number, before)
    after = voted(sent.data, asked)
    again = sample_data(encode(with_vote(sent.data, after)))
    assert voted(again).labels == after.labels, "the new manifest says how it came about"
    assert after.ensemble.rules is not None
    assert (after.ensemble.rules.strategy, after.ensemble.rules.iou) == (rules.strategy, rules.iou)
    assert all(label.score >= 0 for label in after.labels)


def test_affirmative_finds_what_unanimous_leaves_out() -> None:
    sent = voted_on(5, committee())
    counts = [
        len(voted(sent.data, Overrides(strategy=strategy)).labels)
        for strategy in ("unanimous", "consensus", "affirmative")
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_a_manifest_that_does_not_say_enough_is_told() -> None:
    old = stored(1, [made_box((0, 0, 1, 1), "person", 0.5)], old=True)
    with pytest.raises(RevoteError, match="names strategy 'single', but not its rules"):
        voted(old.data)


def test_evidence_that_fits_no_member_is_told() -> None:
    sent = voted_on(1, committee())
    strange = replace(sent.data.evidence[0], classes=("tram",) * len(sent.data.evidence[0].classes))
    data = replace(sent.data, evidence=(strange, *sent.data.evidence[1:]))
    with pytest.raises(RevoteError, match="saw 'tram'"):
        voted(data)


def test_own_names_are_sent_as_none() -> None:
    assert voted_on(1, committee()).data.ensemble.ontology is None
    assert len(own_names().classes) == 5
