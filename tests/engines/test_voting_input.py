"""What bad input gets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gleancam_engines.voting import casting
from gleancam_engines.voting.committee import Committee, Rules, Strategy
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source, same_names
from made_committees import arrays_said, committee, crowded_frame, member, of_frame, said

BOX = (0.1, 0.1, 0.5, 0.5)
STRATEGIES: tuple[Strategy, ...] = ("affirmative", "consensus", "unanimous", "quorum", "wbf")


@pytest.mark.parametrize(
    ("box", "score", "reason"),
    [
        ((math.nan, 0.1, 0.5, 0.5), 0.9, "not_finite"),
        ((0.1, 0.1, math.inf, 0.5), 0.9, "not_finite"),
        ((-math.inf, 0.1, 0.5, 0.5), 0.9, "not_finite"),
        ((-1e308, 0.1, 0.5, 0.5), 0.9, "not_finite"),
        ((0.5, 0.1, 0.1, 0.5), 0.9, "empty"),
        ((0.1, 0.5, 0.5, 0.1), 0.9, "empty"),
        ((0.1, 0.1, 0.1, 0.5), 0.9, "empty"),
        ((0.1, 0.1, 0.10004, 0.5), 0.9, "empty"),
        ((1.1, 0.1, 1.5, 0.5), 0.9, "empty"),
        ((-0.5, -0.5, -0.1, 0.5), 0.9, "empty"),
        (BOX, 1.1, "score"),
        (BOX, -0.1, "score"),
        (BOX, math.nan, "score"),
        (BOX, math.inf, "score"),
    ],
)
def test_what_is_no_box_is_dropped_and_counted(
    box: tuple[float, float, float, float], score: float, reason: str
) -> None:
    one = member("a")
    good = ("dog", BOX, 0.5)
    verdict = committee([one]).vote([said(one, [("person", box, score), good])])
    assert [label.class_name for label in verdict.labels] == ["dog"]
    assert verdict.dropped == {reason: 1}


def test_a_box_that_sticks_out_is_clipped() -> None:
    one = member("a")
    rows = [("dog", (-0.5, 0.2, 0.25, 7.0), 0.5)]
    (label,) = committee([one]).vote([said(one, rows)]).labels
    assert label.xyxy == (0.0, 0.2, 0.25, 1.0)
    assert math.copysign(1, label.xyxy[0]) == 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nobody_and_nothing(strategy: Strategy) -> None:
    rules = Rules(strategy)
    empty = Committee((), Ontology(()), rules).vote([])
    assert (empty.labels, empty.degraded_quorum) == ((), False)
    one, other = member("a"), member("b")
    asked = committee([one, other], rules)
    assert asked.vote([]).labels == ()
    assert asked.vote([said(one), said(other)]).labels == ()
    failed = asked.vote([said(one, status="failed"), said(other, status="timeout")])
    assert (failed.labels, failed.degraded_quorum) == ((), True)


@pytest.mark.parametrize("strategy", ["affirmative", "consensus", "unanimous", "wbf"])
def test_one_member_is_a_committee_whose_boxes_are_the_labels(strategy: Strategy) -> None:
    one = member("a")
    (label,) = committee([one], Rules(strategy)).vote([said(one, [("dog", BOX, 0.5)])]).labels
    assert (label.xyxy, label.score, label.votes, label.eligible) == (BOX, 0.5, 1, 1)
    assert (label.bald, label.entropy, label.mean_iou, label.loc_spread) == (None, 1.0, 1.0, 0.0)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_score_at_all_still_makes_a_box(strategy: Strategy) -> None:
    one, other = member("a"), member("b", weight=3.0)
    asked = committee([one, other], Rules(strategy))
    beside = (0.14, 0.1, 0.54, 0.5)
    verdict = asked.vote([said(one, [("dog", BOX, 0.0)]), said(other, [("dog", beside, 0.0)])])
    assert [(label.xyxy, label.score) for label in verdict.labels] == [
        ((0.13, 0.1, 0.53, 0.5), 0.0)
    ]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ten_thousand_boxes_in_one_place_are_cut_and_counted(strategy: Strategy) -> None:
    one = member("a")
    count = 10_000
    xyxy = np.tile(np.array(BOX), (count, 1))
    score = np.linspace(0.2, 0.9, count).round(4)
    evidence = arrays_said(one, xyxy, score, np.zeros(count, np.int32))
    verdict = committee([one], Rules(strategy, quorum=1)).vote([evidence])
    assert [(label.xyxy, label.score) for label in verdict.labels] == [(BOX, 0.9)]
    assert verdict.dropped == {"limit": count - casting.LIMIT}


def test_the_best_boxes_of_each_member_and_class_are_within_the_limit() -> None:
    one, other = member("a"), member("b")
    count = casting.LIMIT + 10
    left = np.arange(count) * 4e-4
    xyxy = np.stack([left, left, left + 2e-4, left + 2e-4], axis=1).round(4)
    score = np.linspace(0.1, 0.9, count).round(4)
    many = arrays_said(one, xyxy, score, np.zeros(count, np.int32))
    verdict = committee([one, other], Rules("affirmative")).vote(
        [
            many,
            said(other, [("car", BOX, 0.1)]),
        ]
    )
    assert verdict.dropped == {"limit": 10}
    assert len(verdict.labels) == casting.LIMIT + 1
    assert min(label.score_max for label in verdict.labels if label.voters[0][0] == "a") == round(
        float(score[10]), 4
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ten_thousand_boxes_all_over_the_frame_become_labels(strategy: Strategy) -> None:
    frame = crowded_frame(1, models=10, objects=1000, classes=20)
    asked, evidence = of_frame(frame, 20, Rules(strategy, quorum=1))
    verdict = asked.vote(evidence)
    assert 500 < len(verdict.labels) <= 10_000
    assert verdict.dropped == {}


def test_evidence_must_be_of_a_member_once_and_with_its_vocabulary() -> None:
    one, other = member("a"), member("b")
    asked = committee([one])
    with pytest.raises(ValueError, match="'b@0123456789ab', which is no member"):
        asked.vote([said(other)])
    with pytest.raises(ValueError, match="2 evidences of 'a@0123456789ab'"):
        asked.vote([said(one), said(one)])
    stranger = Evidence(
        one.member_id, ("cat",), np.zeros((1, 4)), np.zeros(1), np.zeros(1, np.int32)
    )
    with pytest.raises(ValueError, match="another vocabulary"):
        asked.vote([stranger])


def test_a_committee_refuses_what_is_none() -> None:
    one = member("a")
    with pytest.raises(ValueError, match="2 members are called 'a@0123456789ab'"):
        committee([one, one])
    for weight in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"member a@0123456789ab: weight is {weight}"):
            member("a", weight=weight)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"strategy": "majority"}, "strategy is 'majority', but must be one of"),
        ({"box": "mean"}, "box is 'mean'"),
        ({"conf_type": "min"}, "conf_type is 'min'"),
        ({"compat": "ensemble"}, "compat is 'ensemble'"),
        ({"iou": 1.5}, "iou is 1.5, but must lie in 0…1"),
        ({"iou_nms": math.nan}, "iou_nms is nan"),
        ({"quorum": 0}, "quorum is 0, but must be at least 1 vote"),
        ({"compat": "onepanel"}, "compat 'onepanel' knows no strategy 'wbf'"),
    ],
)
def test_rules_refuse_what_is_none(rules: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Rules(**rules)  # type: ignore[arg-type]


def test_an_ontology_refuses_what_is_ambiguous() -> None:
    source = Source("a", "dog")
    with pytest.raises(ValueError, match="two classes are named 'dog'"):
        Ontology((CanonicalClass("dog", (source,), 0.1), CanonicalClass("dog", (source,), 0.1)))
    with pytest.raises(ValueError, match="a:dog is a source of 'dog' and of 'animal'"):
        Ontology((CanonicalClass("dog", (source,), 0.1), CanonicalClass("animal", (source,), 0.1)))
    with pytest.raises(ValueError, match="'dog' has no source"):
        CanonicalClass("dog", (), 0.1)
    for confidence in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match=f"confidence of class 'dog' is {confidence}"):
            CanonicalClass("dog", (source,), confidence)
    with pytest.raises(ValueError, match="has no name"):
        CanonicalClass("", (source,), 0.1)


def test_same_names_mean_the_same_in_the_order_they_come() -> None:
    found = same_names([("b", ("dog", "car")), ("a", ("person", "dog", "dog"))], 0.3)
    assert [one.name for one in found.classes] == ["dog", "car", "person"]
    assert found.classes[0].sources == (Source("b", "dog"), Source("a", "dog"))
    assert {one.confidence for one in found.classes} == {0.3}
    assert same_names([], 0.3).classes == ()
