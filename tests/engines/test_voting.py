"""What a committee says: the definitions, one by one."""

from __future__ import annotations

import math

import pytest

from gleancam_engines.voting.committee import Committee, Rules, Strategy
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source
from made_committees import Row, committee, member, said, votes

HERE = (0.1, 0.1, 0.5, 0.5)
BESIDE = (0.12, 0.1, 0.52, 0.5)
THERE = (0.6, 0.6, 0.9, 0.9)


def person(box: tuple[float, float, float, float] = HERE, score: float = 0.8) -> Row:
    return ("person", box, score)


def test_models_that_see_one_thing_make_one_label_with_all_its_numbers() -> None:
    asked, evidence = votes(
        {"a": [person(HERE, 0.9)], "b": [person(BESIDE, 0.6)], "c": []}, Rules("affirmative")
    )
    (label,) = asked.vote(evidence).labels
    overlap = 0.38 / 0.42
    assert label.class_name == "person"
    assert label.score == 0.5  # (0.9 + 0.6 + 0) / 3
    assert label.score_max == 0.9
    assert (label.votes, label.eligible) == (2, 3)
    assert label.voters == ("a@0123456789ab", "b@0123456789ab")
    assert label.mean_iou == round(overlap, 4)
    assert label.loc_spread == round(1 - round(overlap, 4), 4)
    assert label.risk == 0.5
    assert label.entropy is None
    assert label.bald is not None
    h = [-q * math.log2(q) - (1 - q) * math.log2(1 - q) for q in (0.5, 0.9, 0.6)]
    assert label.bald == round(h[0] - (h[1] + h[2] + 0) / 3, 4)
    assert label.xyxy == (0.108, 0.1, 0.508, 0.5)  # (0.9 * 0.1 + 0.6 * 0.12) / 1.5
    assert not label.degraded_quorum
    assert not label.class_conflict
    assert label.status == "generated"


def test_the_best_box_may_stand_for_the_group() -> None:
    rows = {"a": [person(HERE, 0.6)], "b": [person(BESIDE, 0.9)]}
    asked, evidence = votes(rows, Rules("affirmative", box="best"))
    assert asked.vote(evidence).labels[0].xyxy == BESIDE


def test_weights_count_in_box_and_score() -> None:
    rows = {"a": [person(HERE, 0.5)], "b": [person(BESIDE, 0.5)]}
    asked, evidence = votes(rows, Rules("affirmative"), {"a": 3.0, "b": 1.0})
    (label,) = asked.vote(evidence).labels
    assert label.xyxy == (0.105, 0.1, 0.505, 0.5)
    asked, evidence = votes({"a": [person()], "b": []}, Rules("affirmative"), {"a": 3.0})
    assert asked.vote(evidence).labels[0].score == 0.6  # 3 * 0.8 / 4


@pytest.mark.parametrize(
    ("strategy", "least"), [("affirmative", 1), ("consensus", 3), ("unanimous", 4), ("quorum", 2)]
)
def test_how_many_of_four_must_agree(strategy: Strategy, least: int) -> None:
    for seen in range(1, 5):
        rows = {name: [person()] if place < seen else [] for place, name in enumerate("abcd")}
        asked, evidence = votes(rows, Rules(strategy, quorum=2))
        assert len(asked.vote(evidence).labels) == (seen >= least)


@pytest.mark.parametrize("strategy", ["affirmative", "consensus", "unanimous", "wbf"])
def test_a_specialist_is_outvoted_by_nobody_who_cannot_name_its_class(strategy: Strategy) -> None:
    general, specialist = member("general"), member("faces", ["face"])
    asked = committee([general, specialist], Rules(strategy))
    (label,) = asked.vote([said(general), said(specialist, [("face", HERE, 0.7)])]).labels
    assert (label.votes, label.eligible, label.score) == (1, 1, 0.7)
    assert label.bald is None
    assert label.entropy == round(-0.7 * math.log2(0.7) - 0.3 * math.log2(0.3), 4)


def test_one_model_has_one_box_in_a_group() -> None:
    near = (0.1, 0.1, 0.5, 0.7)  # overlaps HERE by 2/3, and BESIDE less
    rows = {"a": [person(HERE, 0.9)], "b": [person(BESIDE, 0.8), person(near, 0.85)]}
    asked, evidence = votes(rows, Rules("affirmative", iou=0.4, iou_nms=1.0, box="best"))
    both, alone = asked.vote(evidence).labels
    assert (both.votes, both.xyxy) == (2, HERE)
    assert (alone.votes, alone.xyxy) == (1, near)  # the nearer box joined, not the surer one


def test_a_box_joins_only_above_the_overlap() -> None:
    half = (0.1, 0.1, 0.5, 0.3)  # exactly half of HERE
    asked, evidence = votes({"a": [person()], "b": [person(half)]}, Rules("affirmative"))
    assert len(asked.vote(evidence).labels) == 2
    asked, evidence = votes({"a": [person()], "b": [person(half)]}, Rules("affirmative", iou=0.49))
    assert len(asked.vote(evidence).labels) == 1


def test_of_overlapping_boxes_of_one_model_and_class_the_best_stays() -> None:
    rows = {"a": [person(HERE, 0.9), person(BESIDE, 0.8), ("dog", HERE, 0.5)]}
    asked, evidence = votes(rows, Rules("affirmative"))
    labels = asked.vote(evidence).labels
    assert [(one.class_name, one.score) for one in labels] == [("person", 0.9), ("dog", 0.5)]


def test_two_classes_on_one_object_are_both_kept_and_say_so() -> None:
    rows = {"a": [person()], "b": [("dog", BESIDE, 0.6), ("car", THERE, 0.5)]}
    asked, evidence = votes(rows, Rules("affirmative"))
    found = {one.class_name: one.class_conflict for one in asked.vote(evidence).labels}
    assert found == {"person": True, "dog": True, "car": False}


def test_boxes_below_the_confidence_of_their_class_do_not_count() -> None:
    one = member("a")
    asked = committee([one], Rules("affirmative"), confidence=0.5)
    labels = asked.vote([said(one, [person(HERE, 0.5), person(THERE, 0.4999)])]).labels
    assert [label.xyxy for label in labels] == [HERE]


def test_names_of_several_models_are_one_class_and_those_of_none_are_counted() -> None:
    coco, faces = member("coco", ["person", "dog"]), member("faces", ["man", "woman"])
    sources = (Source("coco", "person"), Source("faces", "man"), Source("faces", "woman"))
    asked = Committee((coco, faces), Ontology((CanonicalClass("human", sources, 0.1),)))
    verdict = asked.vote(
        [
            said(coco, [person(), ("dog", HERE, 0.9), ("dog", THERE, 0.9)]),
            said(faces, [("woman", BESIDE, 0.4)]),
        ]
    )
    (label,) = verdict.labels
    assert (label.class_name, label.votes, label.score) == ("human", 2, 0.6)
    assert verdict.unmapped == {("coco@0123456789ab", "dog"): 2}


def test_a_member_that_failed_degrades_what_it_could_have_named() -> None:
    one, other = member("a"), member("b", ["person"])
    asked = committee([one, other], Rules("unanimous"))
    seen = said(one, [person(), ("dog", THERE, 0.9)])
    for status in ("timeout", "failed"):
        verdict = asked.vote([seen, said(other, status=status)])
        found = {label.class_name: label.degraded_quorum for label in verdict.labels}
        assert found == {"person": True, "dog": False}
        assert verdict.degraded_quorum
        assert {label.eligible for label in verdict.labels} == {1}


def test_a_member_that_was_skipped_does_not() -> None:
    one, other = member("a"), member("b")
    asked = committee([one, other], Rules("unanimous"))
    skipped = asked.vote([said(one, [person()]), said(other, status="skipped")])
    assert skipped == asked.vote([said(one, [person()])])
    assert not skipped.degraded_quorum
    assert not skipped.labels[0].degraded_quorum


def test_a_test_time_variant_votes_under_its_own_id_with_the_model_s_names() -> None:
    plain = member("a")
    flipped = type(plain)(plain.member_id + "+hflip", plain.vocabulary)
    asked = committee([plain], Rules("unanimous"))
    asked = Committee((plain, flipped), asked.ontology, asked.rules)
    (label,) = asked.vote([said(plain, [person()]), said(flipped, [person(BESIDE)])]).labels
    assert (label.votes, label.eligible) == (2, 2)


def test_the_default_is_fusion_at_seven_tenths() -> None:
    rules = Rules()
    assert (rules.strategy, rules.overlap, rules.conf_type) == ("wbf", 0.7, "avg")
    assert Rules("affirmative").overlap == 0.5
    apart = (0.1, 0.1, 0.5, 0.4)  # 0.75 of HERE
    asked, evidence = votes({"a": [person()], "b": [person(apart)]}, rules)
    assert len(asked.vote(evidence).labels) == 1
    asked, evidence = votes({"a": [person()], "b": [person(apart)]}, Rules(iou=0.76))
    assert len(asked.vote(evidence).labels) == 2
