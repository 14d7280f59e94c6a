"""From a configuration and open detectors to a panel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace as changed

from gleancam.config.keys import Config, Models, TestCamera
from gleancam.config.label_keys import CanonicalClass, Informativeness, Labels, Member
from gleancam.config.selection_keys import Selection, Uncertain
from gleancam.parts.inference import policy_id
from gleancam.parts.labelling import OpenDetector, make_ensemble, make_panel
from gleancam.selectors.references import NOTHING
from gleancam.wire.ensemble import committee_of
from gleancam_engines import catalogue
from gleancam_engines.calibrations import CalibrationFile, calibration_path, write_calibration
from gleancam_engines.committee_identity import identity
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.errors import CalibrationError
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.voting.calibration import UNCALIBRATED, Curve
from gleancam_engines.voting.informativeness import InformativenessRule
from gleancam_engines.voting.ontology import Source
from gleancam_engines.voting.rules import Rules

YOLOX, PICODET = load(catalogue.find("yolox-nano")), load(catalogue.find("picodet-416"))


def opened(manifest: Manifest, name: str = "") -> OpenDetector:
    detector = FakeDetector()
    detector.model_id = f"{name or manifest.name}@0123456789ab"
    return OpenDetector(manifest, detector)


BOTH = [opened(YOLOX), opened(PICODET)]


def config(tmp_path: Path, **labels: object) -> Config:
    models = Models(directory=str(tmp_path), detectors=("yolox-nano", "picodet-416"))
    given: Labels = msgspec.structs.replace(Labels(), **labels)
    return Config(site="s", device="d", cameras=(TestCamera(id="a"),), models=models, labels=given)


def test_by_default_boxes_are_fused_with_the_published_ap_as_weights(tmp_path: Path) -> None:
    panel = make_panel(config(tmp_path), BOTH)
    members = panel.committee.members
    assert [member.member_id.partition("@")[0] for member in members] == [
        "yolox-nano",
        "picodet-416",
    ]
    assert [member.weight for member in members] == [0.258, 0.325]
    assert panel.committee.rules == Rules("wbf", label_confidence=0.3)
    assert panel.committee.rules.overlap == 0.7
    assert panel.committee.calibration == UNCALIBRATED
    assert panel.rule == InformativenessRule()
    assert [one.name for one in panel.committee.ontology.classes] == ["person", "car"]
    assert {one.confidence for one in panel.committee.ontology.classes} == {0.05}


def test_where_one_ap_is_not_known_all_weigh_the_same(tmp_path: Path) -> None:
    unknown = opened(changed(PICODET, ap=None))
    panel = make_panel(config(tmp_path), [BOTH[0], unknown])
    assert [member.weight for member in panel.committee.members] == [1.0, 1.0]


def test_a_configured_member_votes_as_it_says(tmp_path: Path) -> None:
    member = Member(weight=2.0, variants=("none", "gamma0.7"), only=("night",), timeout_s=1.5)
    panel = make_panel(config(tmp_path, members={"yolox-nano": member}), BOTH)
    assert [voter.member.member_id.partition("@0123456789ab")[2] for voter in panel.voters] == [
        "",
        "+gamma0.7",
        "",
    ]
    assert [voter.member.weight for voter in panel.voters] == [2.0, 2.0, 0.325]
    assert [voter.timeout_s for voter in panel.voters] == [1.5, 1.5, None]
    assert [voter.wants("day") for voter in panel.voters] == [False, False, True]
    assert all(voter.wants("night") for voter in panel.voters)


def test_classes_are_the_configured_ones_in_order_by_the_models_own_names(tmp_path: Path) -> None:
    """A folder may have another name than the model in it, and boxes come by the model's."""
    classes = {
        "vehicle": CanonicalClass(sources=("picodet-416:car",)),
        "human": CanonicalClass(sources=("yolox-nano:person",), confidence=0.5),
    }
    renamed = [opened(YOLOX, "theirs"), BOTH[1]]
    found = make_panel(config(tmp_path, ontology=classes), renamed).committee.ontology.classes
    assert [(one.name, one.confidence) for one in found] == [("vehicle", 0.05), ("human", 0.5)]
    assert found[1].sources == (Source("theirs", "person"),)


def test_rules_and_informativeness_are_the_configured_ones(tmp_path: Path) -> None:
    informativeness = Informativeness(label="bald", image="topk_mean", top=2)
    given = config(
        tmp_path, strategy="quorum", quorum=1, iou=0.4, box="best", informativeness=informativeness
    )
    panel = make_panel(given, BOTH)
    assert panel.committee.rules == Rules(
        "quorum", iou=0.4, quorum=1, box="best", label_confidence=0.3
    )
    assert panel.rule == InformativenessRule("bald", of_image="topk_mean", top=2)


def test_the_calibration_beside_the_models_is_that_of_the_committee(tmp_path: Path) -> None:
    plain = make_panel(config(tmp_path), BOTH).committee
    path = calibration_path(tmp_path, plain)
    content = CalibrationFile(
        committee=identity(plain),
        method="temperature",
        common=Curve(1.6),
        by_class={},
        labels=10,
        images=5,
        ece_before=0.2,
        ece_after=0.1,
    )
    write_calibration(path, content)
    found = make_panel(config(tmp_path), BOTH).committee
    assert found == replace(plain, calibration=content.calibration)
    path.write_bytes(b"{}")
    with pytest.raises(CalibrationError):
        make_panel(config(tmp_path), BOTH)


def test_what_is_told_of_the_panel_is_its_committee(tmp_path: Path) -> None:
    given = config(tmp_path, strategy="consensus")
    panel = make_panel(given, BOTH)
    ensemble = make_ensemble(given, panel)
    assert committee_of(ensemble) == panel.committee
    assert (ensemble.confidence, ensemble.raw_confidence) == (0.3, 0.05)
    assert ensemble.strategy == "consensus"


def test_labels_are_part_of_the_policy_where_they_decide(tmp_path: Path) -> None:
    one, other = config(tmp_path), config(tmp_path, strategy="consensus")
    assert policy_id(one, "space", NOTHING) == policy_id(other, "space", NOTHING)
    unsure = Selection(uncertain=Uncertain(enabled=True))
    one, other = changed(one, selection=unsure), changed(other, selection=unsure)
    assert policy_id(one, "space", NOTHING) != policy_id(other, "space", NOTHING)
