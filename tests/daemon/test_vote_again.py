"""Whoever has a manifest can vote again, and comes to the same bytes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gleancam.label_round import Request
from gleancam.labelling import Labeller, Panel
from gleancam.metrics import Metrics
from gleancam.types import EmbeddedFrame, Frame, Sample
from gleancam.voter import Voter
from gleancam.wire.boxes import evidence_of_data, label_data
from gleancam.wire.codec import encode
from gleancam.wire.ensemble import committee_of, ensemble_data
from gleancam.wire.sample import sample_data, sample_parcel
from gleancam.wire.sample_data import LabelData, SampleData
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.errors import TensorError
from gleancam_engines.fetching import convert
from gleancam_engines.photographs import read_photographs
from gleancam_engines.planes import Planes
from gleancam_engines.voting.calibration import Calibration, Curve
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source
from gleancam_engines.voting.rules import Rules
from made_panel import CONFIDENCE, made_voter, panel_of
from made_planes import HD, from_rgb, scenery
from made_samples import CONTEXT, made_image, made_sample

RAW = 0.05
SIZE = (181, 321)


class Many(FakeDetector):
    """Sees some things that depend on its name and on the picture, many of them like others'."""

    class_names = ("person", "car", "dog", "hot dog")

    def __init__(self, name: str, seed: int) -> None:
        self.model_id = f"{name}@0123456789ab"
        self._seed = seed

    def detect(self, planes: Planes) -> Detections:
        rng = np.random.default_rng(self._seed + int(planes.y.sum()) % 97)
        things = np.random.default_rng(5).uniform(0, 0.7, (12, 2))
        corners = np.concatenate([things, things + 0.25], 1) + rng.normal(0, 0.01, (12, 4))
        size = np.array([planes.width, planes.height] * 2)
        score = np.sort(rng.uniform(RAW, 1, 12))[::-1]
        return Detections(
            (corners.clip(0, 1) * size).astype(np.float32),
            score.astype(np.float32),
            (np.arange(12) % 4).astype(np.int32),
            self.class_names,
            self.model_id,
        )


class Broken(Many):
    def detect(self, planes: Planes) -> Detections:
        raise TensorError(f"output holds NaN for {planes.width} columns")


ONTOLOGY = Ontology(
    (
        CanonicalClass("human", (Source("a", "person"), Source("b", "person")), 0.25),
        CanonicalClass("food or pet", (Source("a", "dog"), Source("a", "hot dog")), 0.4),
        CanonicalClass("vehicle", (Source("b", "car"), Source("c", "car")), 0.1),
    )
)
CALIBRATION = Calibration(
    Curve(1.7), {"human": Curve(knots=((0.1, 0.05), (0.5, 0.6), (0.9, 0.99)))}
)


def labelled(panel: Panel, pictures: Sequence[Planes], *, name: str | None = None) -> list[Sample]:
    labeller = Labeller(panel, Metrics.unseen(), math.inf)
    answers = [labeller.look(Request("front", planes, name), lambda: None) for planes in pictures]
    plain = made_sample(labels=0)
    return [
        replace(plain, embedded=framed(plain, planes), labels=one.labels, evidence=one.evidence)
        for planes, one in zip(pictures, answers, strict=True)
    ]


def framed(sample: Sample, planes: Planes) -> EmbeddedFrame:
    frame: Frame = replace(sample.embedded.frame, planes=planes)
    return replace(sample.embedded, frame=frame)


def manifest(panel: Panel, sample: Sample) -> SampleData:
    ensemble = ensemble_data(panel.committee, CONFIDENCE, RAW)
    return sample_data(
        sample_parcel(sample, made_image(), replace(CONTEXT, ensemble=ensemble)).data
    )


def voted_again(data: SampleData) -> bytes:
    """Vote with nothing but the manifest."""
    committee = committee_of(data.ensemble)
    members = {member.member_id: member for member in committee.members}
    evidence = [evidence_of_data(one, members[one.model_id]) for one in data.evidence]
    verdict = committee.vote(evidence, (data.frame.width, data.frame.height))
    assert verdict.degraded_quorum == data.ensemble.degraded_quorum
    return sent(label_data(verdict.labels))


def sent(labels: Sequence[LabelData]) -> bytes:
    return b"\n".join(map(encode, labels))


def voters(**late: float) -> list[Voter]:
    a, b, c, night = Many("a", 1), Many("b", 2), Many("c", 3), Many("night", 4)
    return [
        made_voter(a, weight=0.258),
        made_voter(a, "gamma1.5", weight=0.258),
        made_voter(b, "hflip", weight=0.325, timeout_s=late.get("b")),
        made_voter(c),
        made_voter(night, only=["night"]),
        made_voter(Broken("broken", 5)),
    ]


@pytest.mark.parametrize("ontology", [None, ONTOLOGY], ids=["own names", "ontology"])
@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(conf_type="absent_model_aware_avg", iou=0.55),
        Rules("affirmative"),
        Rules("consensus", box="best"),
        Rules("unanimous"),
        Rules("quorum", quorum=2, iou_nms=0.4),
        Rules("affirmative", compat="onepanel"),
    ],
    ids=str,
)
def test_the_same_evidence_gives_the_same_bytes(ontology: Ontology | None, rules: Rules) -> None:
    panel = panel_of(voters(b=0.0), ontology, rules)
    panel = replace(panel, committee=replace(panel.committee, calibration=CALIBRATION))
    pictures = [from_rgb(scenery(*SIZE, seed=seed), HD) for seed in range(5)]
    found: list[LabelData] = []
    for sample in labelled(panel, pictures, name="day"):
        data = manifest(panel, sample)
        assert voted_again(data) == sent(data.labels)
        found += data.labels
        statuses = [member.status for member in data.ensemble.members]
        assert statuses == ["ok", "ok", "timeout", "ok", "skipped", "failed"]
        assert [one.status for one in data.evidence] == statuses
    if rules.strategy != "unanimous":
        assert found, "the vote must have had something to say"


def test_a_committee_of_one_is_voted_on_again_as_well() -> None:
    panel = panel_of([made_voter(Many("a", 1))])
    (sample,) = labelled(panel, [from_rgb(scenery(*SIZE), HD)])
    data = manifest(panel, sample)
    assert voted_again(data) == sent(data.labels)
    assert {(label.votes, label.eligible, label.bald) for label in data.labels} == {(1, 1, None)}


@pytest.fixture(scope="module")
def detectors(models_directory: Path) -> Iterator[list[Detector]]:
    with ExitStack() as opened:
        names = ("yolox-nano", "picodet-416")
        yield [
            opened.enter_context(closing(open_detector(models_directory / name, confidence=RAW)))
            for name in names
        ]


@pytest.mark.models
@pytest.mark.evaluation
@pytest.mark.skipif(not convert.runs_here(), reason="picodet-416 is converted on x86-64 only")
def test_real_detectors_are_voted_on_again_as_well(
    detectors: list[Detector], evaluation_data: Path
) -> None:
    yolox, picodet = detectors
    looking = [made_voter(yolox), made_voter(yolox, "hflip"), made_voter(picodet)]
    panel = panel_of([*looking, made_voter(Broken("broken", 5))])
    panel = replace(panel, committee=replace(panel.committee, calibration=CALIBRATION))
    pictures = read_photographs(evaluation_data / "images" / "coco_val2017_76", 3)
    labels = 0
    for sample in labelled(panel, pictures):
        data = manifest(panel, sample)
        assert voted_again(data) == sent(data.labels)
        labels += len(data.labels)
        assert any(label.votes > 1 for label in data.labels)
    assert labels
