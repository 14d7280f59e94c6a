from __future__ import annotations

from pathlib import Path

import pytest

from gleancam.wire.ensemble import committee_of
from gleancam.wire.ensemble_data import EnsembleData
from gleancam_engines.voting.committee import Rules
from gleancam_upstream.errors import RevoteError
from gleancam_upstream.revoting.asked_ontology import AskedClass
from gleancam_upstream.revoting.ontology_file import read_ontology
from gleancam_upstream.revoting.overrides import AS_IT_WAS, Overrides
from gleancam_upstream.revoting.vote import voted
from made_votes import CURVES, ONTOLOGY, VEHICLES, committee, voted_on


def ensemble(rules: Rules | None = None, *, mapped: bool = False) -> EnsembleData:
    by = committee(rules, ONTOLOGY if mapped else None, CURVES)
    return voted_on(1, by).data.ensemble


def ids(found: EnsembleData) -> list[str]:
    return [member.id for member in found.members]


def test_nothing_is_nothing() -> None:
    assert AS_IT_WAS.applied(ensemble()) == ensemble()


def test_members_by_id_and_by_model() -> None:
    models = Overrides(only=("general", "people")).applied(ensemble())
    assert ids(models) == [
        "general@0123456789ab",
        "general@0123456789ab+hflip",
        "people@00000000ffff",
    ]
    assert models.models == tuple(ids(models))
    one = Overrides(only=("general@0123456789ab",)).applied(ensemble())
    assert ids(one) == ["general@0123456789ab"]
    with pytest.raises(RevoteError, match="no member generall: there are general@0123456789ab, "):
        Overrides(only=("generall",)).applied(ensemble())


def test_a_member_left_out_is_not_counted_as_silent() -> None:
    sent = voted_on(2, committee())
    (label, *_) = voted(sent.data, Overrides(only=("other",))).labels
    assert label.eligible == 1
    assert not label.degraded_quorum


def test_a_calibration_is_for_its_committee_alone() -> None:
    assert ensemble().calibration is not None
    assert Overrides(strategy="wbf").applied(ensemble()).calibration is not None
    assert Overrides(strategy="consensus").applied(ensemble()).calibration is None
    assert Overrides(iou=0.6).applied(ensemble()).calibration is None
    assert Overrides(only=("general",)).applied(ensemble()).calibration is None


def test_another_strategy_has_its_own_overlap() -> None:
    narrow = ensemble(Rules(strategy="wbf", iou=0.85))
    rules = Overrides(strategy="consensus").applied(narrow).rules
    assert rules is not None
    assert rules.iou is None
    same = Overrides(strategy="wbf", confidence=0.5).applied(narrow).rules
    assert same is not None
    assert same.iou == 0.85


def test_a_quorum_belongs_to_its_strategy() -> None:
    with pytest.raises(RevoteError, match="says nothing about strategy wbf: add --strategy"):
        Overrides(quorum=3).applied(ensemble())
    rules = Overrides(quorum=3).applied(ensemble(Rules(strategy="quorum"))).rules
    assert rules is not None
    assert rules.quorum == 3


@pytest.mark.parametrize("mapped", [False, True])
def test_a_confidence_is_of_every_class(*, mapped: bool) -> None:
    found = committee_of(Overrides(confidence=0.45).applied(ensemble(mapped=mapped)))
    assert {one.confidence for one in found.ontology.classes} == {0.45}
    with pytest.raises(RevoteError, match=r"boxes below 0\.05 are not in the evidence"):
        Overrides(confidence=0.04).applied(ensemble(mapped=mapped))


def test_an_ontology_joins_names() -> None:
    asked = (AskedClass("thing", tuple(f"general:{name}" for name in VEHICLES)),)
    sent = voted_on(4, committee())
    labels = voted(sent.data, Overrides(ontology=asked)).labels
    assert {label.class_name for label in labels} == {"thing"}
    assert {label.eligible for label in labels} == {2}


def test_an_ontology_that_fits_nobody_is_told() -> None:
    for source, why in (("general:tram", "general has no such class"), ("x:car", "is a member's")):
        with pytest.raises(RevoteError, match=why):
            Overrides(ontology=(AskedClass("a", (source,)),)).applied(ensemble())


def test_an_ontology_is_read_from_a_devices_configuration(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        'site = "depot"\n[labels]\nstrategy = "wbf"\n'
        '[labels.ontology.vehicle]\nsources = ["general:car", "general:truck"]\nconfidence = 0.4\n'
        '[labels.ontology."Fußgänger"]\nsources = ["people:person"]\n'
    )
    assert read_ontology(path) == (
        AskedClass("vehicle", ("general:car", "general:truck"), 0.4),
        AskedClass("Fußgänger", ("people:person",), None),
    )
    found = committee_of(Overrides(ontology=read_ontology(path)).applied(ensemble()))
    assert [one.confidence for one in found.ontology.classes] == [0.4, 0.3]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[labels.ontology]",
        "[labels.ontology.car]\nsources = []",
        '[labels.ontology.car]\nsources = ["car"]',
        '[labels.ontology.car]\nsources = ["m:car"]\nconfidence = 2.0',
        '[labels.ontology.car]\nsources = "m:car"',
    ],
)
def test_what_is_no_ontology_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ontology.toml"
    path.write_text(text)
    with pytest.raises(RevoteError, match=r"write tables \[labels.ontology.vehicle\]"):
        read_ontology(path)
    with pytest.raises(RevoteError, match="cannot be read: No such file"):
        read_ontology(tmp_path / "none.toml")
