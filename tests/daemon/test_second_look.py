"""Frames that were not kept, shown to those detectors that want frames of their name."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from gleancam.config.keys import TestCamera
from gleancam.config.selection_keys import Gate, Selection, Uncertain
from gleancam.glean import Gleaner
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.second_look import SecondLook
from gleancam.selectors.references import References
from gleancam.selectors.zero_shot import ZeroShotClassifier
from gleancam.sources.fake import grey
from gleancam.types import Frame, Pending
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.planes import Float32Array, Planes
from made_panel import made_voter, panel_of

NAMES = ZeroShotClassifier(
    ("day", "night"), np.eye(2, 8, dtype=np.float32), 10.0, None, 0.5, 0.1, 0.2
)
SELECTION = Selection(gate=Gate(enabled=False), uncertain=Uncertain(enabled=True, threshold=0.9))


class Other(FakeDetector):
    model_id = "other@000000000000"


def always_day(pictures: Sequence[Planes]) -> Float32Array:
    rows = np.zeros((len(pictures), 8), np.float32)
    rows[:, 0] = 1
    return rows


def test_a_specialist_for_the_night_does_not_look_by_day() -> None:
    gleaner = Gleaner(
        SELECTION,
        [TestCamera(id="a")],
        always_day,
        "space",
        lambda: "id",
        "policy",
        8,
        references=References({}, NAMES),
    )
    metrics, beats = Metrics.unseen(), []
    night = made_voter(FakeDetector(), only=["night"])
    by_day = made_voter(Other(), only=["day"])
    labeller = Labeller(panel_of([night, by_day]), metrics, 5.0)
    second = SecondLook(gleaner, labeller, metrics)
    for seq in range(2):
        planes = grey(100, (36, 64))
        planes.y[::2] = 30
        frame = Frame("a", seq, time.time_ns(), seq * 10**9, planes.read_only())
        (outcome,) = gleaner.step([Pending("a", frame, ())])
        second.offer(outcome)
    assert second.waits
    second.look(lambda: beats.append(1))
    count = metrics.registry.get_sample_value
    for voter, status in ((night, "skipped"), (by_day, "ok")):
        label = {"member": voter.member.member_id, "status": status}
        assert count("gleancam_member_frames_total", label) == 1
    assert len(beats) == 1, "one detector ran"
