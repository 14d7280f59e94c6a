"""What holds of every vote, whatever was said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.committee import BoxRule, Committee, ConfidenceType, Rules, Strategy
from gleancam_engines.voting.evidence import Evidence, Status
from gleancam_engines.voting.label import Label
from made_committees import NAMES, Row, committee, member, said

STRATEGIES: tuple[Strategy, ...] = ("affirmative", "consensus", "unanimous", "quorum", "wbf")
VOTES: tuple[Strategy, ...] = ("affirmative", "consensus", "unanimous")

steps = st.integers(0, 20)
"""A coarse grid, so that boxes touch, coincide and overlap by exactly a half."""
spans = st.tuples(steps, steps).filter(lambda ends: ends[0] != ends[1]).map(sorted)
rows: st.SearchStrategy[Row] = st.builds(
    lambda name, x, y, score: (name, (x[0] / 20, y[0] / 20, x[1] / 20, y[1] / 20), score / 20),
    st.sampled_from(NAMES),
    spans,
    spans,
    steps,
)
frames = st.lists(st.lists(rows, max_size=6), min_size=1, max_size=4)
rules = st.builds(
    Rules,
    strategy=st.sampled_from(STRATEGIES),
    iou=st.sampled_from([None, 0.0, 0.3, 0.5, 0.75]),
    iou_nms=st.sampled_from([0.4, 0.6, 1.0]),
    quorum=st.integers(1, 3),
    box=st.sampled_from(["best", "weighted"]),
    conf_type=st.sampled_from(["avg", "max", "box_and_model_avg", "absent_model_aware_avg"]),
)
weights = st.lists(st.sampled_from([0.5, 1.0, 3.7]), min_size=4, max_size=4)
statuses: st.SearchStrategy[list[Status]] = st.lists(
    st.sampled_from(["ok", "ok", "ok", "failed", "timeout", "skipped"]), min_size=4, max_size=4
)


def asked(
    frame: Sequence[Sequence[Row]],
    how: Rules,
    by: Sequence[float] = (1.0,) * 4,
    came: Sequence[Status] = ("ok",) * 4,
) -> tuple[Committee, list[Evidence]]:
    vocabularies = (NAMES, NAMES[:2], NAMES[::-1], NAMES)
    members = [member(f"m{place}", vocabularies[place], by[place]) for place, _ in enumerate(frame)]
    evidence = [
        said(one, [row for row in some if status == "ok" and row[0] in one.vocabulary], status)
        for one, some, status in zip(members, frame, came, strict=False)
    ]
    return committee(members, how, confidence=0.1), evidence


@given(frames, rules, weights, statuses, st.randoms(use_true_random=False))
def test_the_order_of_members_evidence_and_boxes_changes_nothing(
    frame: list[list[Row]], how: Rules, by: list[float], came: list[Status], random: object
) -> None:
    shuffle = random.shuffle  # type: ignore[attr-defined]
    whole, evidence = asked(frame, how, by, came)
    expected = whole.vote(evidence)
    members, turned = list(whole.members), []
    for one in evidence:
        order = list(range(len(one)))
        shuffle(order)
        some = np.array(order, np.intp)
        turned.append(
            replace(one, xyxy=one.xyxy[some], score=one.score[some], class_id=one.class_id[some])
        )
    shuffle(members)
    shuffle(turned)
    assert replace(whole, members=tuple(members)).vote(turned) == expected
    again = committee(members, how, confidence=0.1)
    assert again.vote(turned).labels == expected.labels


@given(frames, rules, weights, statuses)
def test_every_number_of_a_label_is_possible_and_as_it_is_sent(
    frame: list[list[Row]], how: Rules, by: list[float], came: list[Status]
) -> None:
    whole, evidence = asked(frame, how, by, came)
    verdict = whole.vote(evidence)
    assert [one.score for one in verdict.labels] == sorted(
        (one.score for one in verdict.labels), reverse=True
    )
    for label in verdict.labels:
        x1, y1, x2, y2 = label.xyxy
        assert 0 <= x1 < x2 <= 1
        assert 0 <= y1 < y2 <= 1
        assert 1 <= label.votes == len(label.voters) <= label.eligible
        assert (label.bald is None) == (label.eligible == 1) == (label.entropy is not None)
        for share in shares(label):
            assert 0 <= share <= 1
            assert share == round(share, 4)


def shares(label: Label) -> list[float]:
    unsure = [one for one in (label.bald, label.entropy) if one is not None]
    numbers = (label.score, label.score_max, label.mean_iou, label.loc_spread, label.risk)
    return [*label.xyxy, *numbers, *unsure]


@given(frames, rules, weights)
def test_a_vote_on_what_was_sent_says_the_same(
    frame: list[list[Row]], how: Rules, by: list[float]
) -> None:
    """Boxes come with more digits than are sent; the vote does not look at them."""
    whole, evidence = asked(frame, how, by)
    raw = [
        replace(one, xyxy=one.xyxy * 0.98765432 + 1e-6, score=one.score * 0.987654321)
        for one in evidence
    ]
    sent = [
        replace(
            one,
            xyxy=np.array(through_json(one.xyxy)).reshape(-1, 4),
            score=np.array(through_json(one.score), np.float64),
        )
        for one in raw
    ]
    assert whole.vote(sent) == whole.vote(raw)


def through_json(numbers: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> object:
    return json.loads(json.dumps(np.round(numbers, 4).tolist()))


@given(frames, st.sampled_from(["best", "weighted"]))
def test_unanimous_within_consensus_within_affirmative(
    frame: list[list[Row]], box: BoxRule
) -> None:
    found = []
    for strategy in VOTES:
        whole, evidence = asked(frame, Rules(strategy, box=box))
        found.append({plain(one) for one in whole.vote(evidence).labels})
    affirmative, consensus, unanimous = found
    assert unanimous <= consensus <= affirmative


def plain(label: Label) -> Label:
    """Leave out whether another class lies on it: that depends on what else was kept."""
    return replace(label, class_conflict=False)


@given(frames, weights, st.integers(0, 20))
def test_a_member_that_saw_nothing_and_now_agrees_never_lowers_the_score(
    frame: list[list[Row]], by: list[float], score: int
) -> None:
    """It says the very box of any one label, as surely as its seed at most."""
    how = Rules("affirmative", box="best")
    whole, evidence = asked([[], *frame[:3]], how, by)
    before = whole.vote(evidence).labels
    first = whole.members[0]
    for label in before:
        agrees = (label.class_name, label.xyxy, min(score / 20, label.score_max))
        after = whole.vote([said(first, [agrees]), *evidence[1:]]).labels
        if agrees[2] >= 0.1:
            assert sum(one.votes for one in after) == 1 + sum(one.votes for one in before)
        for one in before:
            assert max(each.score for each in after if same(each, one)) >= one.score


def same(one: Label, other: Label) -> bool:
    return one.class_name == other.class_name and one.xyxy == other.xyxy


@pytest.mark.parametrize("kind", ["avg", "max", "box_and_model_avg", "absent_model_aware_avg"])
@given(scores=st.lists(steps, min_size=1, max_size=3), by=weights, own=st.integers(2, 20))
def test_nor_does_it_lower_a_fused_score(
    kind: ConfidenceType, scores: list[int], by: list[float], own: int
) -> None:
    box: tuple[float, float, float, float] = (0.1, 0.1, 0.5, 0.5)
    seen: list[list[Row]] = [[("car", box, max(2, score) / 20)] for score in scores]
    whole, evidence = asked([[], *seen], Rules(conf_type=kind), by)
    (before,) = whole.vote(evidence).labels
    now = [said(whole.members[0], [("car", box, own / 20)]), *evidence[1:]]
    (after,) = whole.vote(now).labels
    assert after.score >= before.score
    assert after.votes == before.votes + 1
