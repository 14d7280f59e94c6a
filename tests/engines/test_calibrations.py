"""Calibration files: each is for one committee, and says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gleancam_engines.calibrations import (
    CalibrationFile,
    calibration_path,
    load_calibration,
    write_calibration,
)
from gleancam_engines.committee_identity import committee_digest, identity
from gleancam_engines.errors import CalibrationError
from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration, Curve
from gleancam_engines.voting.committee import Committee, Member, Rules
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source

MEMBERS = (
    Member("yolox@0123456789ab", ("person", "car"), 0.4),
    Member("dfine@ba9876543210", ("person", "car"), 0.5),
)
CLASSES = (
    CanonicalClass("person", (Source("yolox", "person"), Source("dfine", "person")), 0.3),
    CanonicalClass("vehicle", (Source("yolox", "car"), Source("dfine", "car")), 0.25),
)
COMMITTEE = Committee(MEMBERS, Ontology(CLASSES))
CURVES = Calibration(Curve(1.5), {"person": Curve(knots=((0.1, 0.05), (0.9, 0.99)))})


def made_file(committee: Committee = COMMITTEE) -> CalibrationFile:
    return CalibrationFile(
        committee=identity(committee),
        method="isotonic",
        common=CURVES.common,
        by_class=dict(CURVES.by_class),
        labels=400,
        images=76,
        ece_before=0.11,
        ece_after=0.04,
    )


def test_what_was_written_is_loaded(tmp_path: Path) -> None:
    write_calibration(calibration_path(tmp_path, COMMITTEE), made_file())

    assert load_calibration(tmp_path, COMMITTEE) == CURVES


def test_without_a_file_scores_stay(tmp_path: Path) -> None:
    assert load_calibration(tmp_path / "none", COMMITTEE) is UNCALIBRATED


def test_the_order_of_members_classes_and_sources_does_not_matter() -> None:
    turned = Committee(
        MEMBERS[::-1],
        Ontology(tuple(replace(one, sources=one.sources[::-1]) for one in CLASSES[::-1])),
        calibration=CURVES,
    )

    assert committee_digest(turned) == committee_digest(COMMITTEE)


def test_whole_numbers_are_the_same_numbers() -> None:
    one = replace(COMMITTEE, members=(replace(MEMBERS[0], weight=1), MEMBERS[1]))
    same = replace(COMMITTEE, members=(replace(MEMBERS[0], weight=1.0), MEMBERS[1]))

    assert committee_digest(one) == committee_digest(same)


def test_a_default_written_out_is_the_default() -> None:
    assert committee_digest(replace(COMMITTEE, rules=Rules(iou=0.7))) == committee_digest(COMMITTEE)


OTHERS = {
    "it lacks the member dfine@ba9876543210 of weight 0.5": replace(COMMITTEE, members=MEMBERS[:1]),
    "it has the member yolox@ffffffffffff of weight 0.4": replace(
        COMMITTEE, members=(replace(MEMBERS[0], member_id="yolox@ffffffffffff"), MEMBERS[1])
    ),
    "it has the member yolox@0123456789ab of weight 0.9": replace(
        COMMITTEE, members=(replace(MEMBERS[0], weight=0.9), MEMBERS[1])
    ),
    "its strategy is 'unanimous', not 'wbf'": replace(COMMITTEE, rules=Rules("unanimous")),
    "its iou_nms is 0.5, not 0.6": replace(COMMITTEE, rules=Rules(iou_nms=0.5)),
    "it maps other names to vehicle": replace(
        COMMITTEE, ontology=Ontology((CLASSES[0], replace(CLASSES[1], confidence=0.5)))
    ),
}


@pytest.mark.parametrize("why", OTHERS)
def test_another_committees_file_is_refused_and_says_why(why: str, tmp_path: Path) -> None:
    other = OTHERS[why]
    write_calibration(calibration_path(tmp_path, COMMITTEE), made_file(other))

    with pytest.raises(CalibrationError) as raised:
        load_calibration(tmp_path, COMMITTEE)

    assert why in str(raised.value)
    assert committee_digest(other) in str(raised.value)
    assert "labels calibrate" in str(raised.value)


def _without(key: str) -> bytes:
    whole = json.loads(_bytes())
    del whole[key]
    return json.dumps(whole).encode()


def _with(**changes: object) -> bytes:
    return json.dumps({**json.loads(_bytes()), **changes}).encode()


def _bytes() -> bytes:
    return msgspec.json.encode(made_file())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        _bytes()[:-20],
        _without("common"),
        _with(common={"temperature": -1.0, "knots": []}),
        _with(common={"temperature": None, "knots": []}),
        _with(by_class={"car": {"temperature": 1.0, "knots": [[0.5, 0.5], [0.4, 0.9]]}}),
        _with(labels=0),
        _with(surprise=1),
    ],
)
def test_damage_is_an_error_with_the_path(content: bytes, tmp_path: Path) -> None:
    path = calibration_path(tmp_path, COMMITTEE)
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(CalibrationError, match="is no calibration") as raised:
        load_calibration(tmp_path, COMMITTEE)

    assert str(path) in str(raised.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    calibration_path(tmp_path, COMMITTEE).mkdir(parents=True)

    with pytest.raises(CalibrationError, match="cannot be read"):
        load_calibration(tmp_path, COMMITTEE)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "calibrations").write_bytes(b"")

    with pytest.raises(CalibrationError, match="cannot be written"):
        write_calibration(calibration_path(tmp_path, COMMITTEE), made_file())
