"""Labelling in the inference stage: when, how many at once, and by whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from gleancam.config.selection_keys import Uncertain
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.sources.fake import grey
from gleancam.types import Frame, Sample
from gleancam.unlabelled import MOST_WAITING, Unlabelled
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.fake import fake_embedder
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.voting.informativeness import InformativenessRule, OfLabel, Weights
from inference_bench import CAMERA, Bench, Unsure, doubted, kept, same
from made_panel import made_panel, made_voter, panel_of
from made_samples import made_sample
from waiting import wait_until


@dataclass
class Diary:
    """What ran, in order, and how often the stage had said that it lives."""

    entries: list[str] = field(default_factory=list)
    beats: list[int] = field(default_factory=list)
    beat: int = 0

    def write(self, entry: str) -> None:
        self.entries.append(entry)
        self.beats.append(self.beat)


class Written(FakeDetector):
    """A detector that keeps a diary, and waits until it may go on."""

    def __init__(self, name: str, diary: Diary, gate: threading.Event | None = None) -> None:
        self.model_id = f"{name}@000000000000"
        self._name = name
        self._diary = diary
        self._gate = gate

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        self._diary.write(self._name)
        if self._gate is not None:
            self._gate.wait(30)
        return super().detect_all(pictures)


def test_embedding_comes_between_two_detectors_and_the_stage_says_that_it_lives() -> None:
    diary, gate = Diary(), threading.Event()

    def embed(pictures: Sequence[Planes]) -> Float32Array:
        diary.write("embed")
        return fake_embedder(64).embed(pictures)

    bench = Bench(embed=embed, detectors=(Written("first", diary, gate), Written("second", diary)))
    pulse, beat = bench.stage.pulse, bench.stage.pulse.beat

    def counted() -> None:
        diary.beat += 1
        beat()

    pulse.beat = counted  # type: ignore[method-assign]
    bench.show(1)
    wait_until(lambda: "first" in diary.entries, "the first detector")
    assert pulse.waiting_on is None
    wait_until(lambda: pulse.silent_s() > 0.1, "a silence that the watchdog sees")
    planes = grey(200, (36, 64)).read_only()
    bench.slots.put(Frame(CAMERA.id, 9, time.time_ns(), time.monotonic_ns(), planes))
    gate.set()
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    assert diary.entries[:4] == ["embed", "first", "embed", "second"]
    assert len(samples) == kept(bench)
    assert all(before < after for before, after in pairwise(diary.beats[1:]))


def test_an_overdue_frame_does_not_wait_for_others_to_be_embedded() -> None:
    metrics = Metrics.unseen()
    waiting = Unlabelled(Labeller(made_panel(FakeDetector()), metrics, 5.0), metrics, 5.0)
    now = time.monotonic_ns()
    waiting.add(outcome(now))
    assert not waiting.is_due()
    for _ in range(MOST_WAITING - 1):
        waiting.add(outcome(now))
    assert waiting.is_due(), "eight wait"
    late = Unlabelled(Labeller(made_panel(FakeDetector()), metrics, 5.0), metrics, 5.0)
    late.add(outcome(now - 6 * 10**9))
    assert late.is_due()


def test_a_round_takes_eight_frames_and_gives_them_back_in_order() -> None:
    metrics, detector = Metrics.unseen(), Batches()
    waiting = Unlabelled(Labeller(made_panel(detector), metrics, 5.0), metrics, 5.0)
    for seq in range(MOST_WAITING + 3):
        waiting.add(outcome(seq))
    samples = []
    while waiting:
        samples += waiting.step()
    assert [sample.embedded.frame.mono_ns for sample in samples] == list(range(MOST_WAITING + 3))
    assert detector.sizes == [MOST_WAITING, 3]
    assert all(len(sample.labels) == 2 for sample in samples)


def test_at_the_end_frames_leave_without_labels_rather_than_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics, detector = Metrics.unseen(), Batches()
    waiting = Unlabelled(Labeller(made_panel(detector), metrics, 5.0), metrics, 5.0)
    monkeypatch.setattr("gleancam.unlabelled.LAST_LABELS_S", 0.0)
    for seq in range(MOST_WAITING + 3):
        waiting.add(outcome(seq))
    samples = []
    while waiting:
        samples += waiting.step(ending=True)
    assert [sample.embedded.frame.mono_ns for sample in samples] == list(range(MOST_WAITING + 3))
    assert detector.sizes == []
    assert {one.status for sample in samples for one in sample.evidence} == {"timeout"}


class Batches(FakeDetector):
    def __init__(self) -> None:
        self.sizes: list[int] = []

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        self.sizes.append(len(pictures))
        return super().detect_all(pictures)


def outcome(mono_ns: int) -> Outcome:
    sample = made_sample()
    frame = replace(sample.embedded.frame, mono_ns=mono_ns)
    return Outcome(
        camera_id="a",
        frame=frame,
        gated=False,
        scene_id="s",
        embedded=replace(sample.embedded, frame=frame),
        decision=sample.decision,
        sample_id=sample.sample_id,
    )


def test_frames_of_other_names_are_not_shown_to_a_specialist() -> None:
    specialist = made_voter(FakeDetector(), only=["night"])
    general = made_voter(Written("general", Diary()))
    bench = Bench(panel=panel_of([specialist, general]))
    bench.show(1)
    (sample,) = (item for item in bench.end() if isinstance(item, Sample))
    assert [one.status for one in sample.evidence] == ["skipped", "ok"]
    assert not any(label.degraded_quorum for label in sample.labels)
    assert bench.count("member_frames", member=FakeDetector.model_id, status="skipped") == 1


@pytest.mark.parametrize(
    ("of_label", "became"), [("entropy", "kept"), ("bald", "sure"), ("weighted", "sure")]
)
def test_the_configured_rule_says_how_informative_a_frame_is(
    of_label: OfLabel, became: str
) -> None:
    """Both are as unsure as can be, and agree on it."""
    one, other = Unsure(), Unsure()
    other.model_id = "other@000000000000"
    rule = InformativenessRule(of_label, Weights(entropy=1, bald=1))
    panel = replace(panel_of([made_voter(one), made_voter(other)]), rule=rule)
    uncertain = Uncertain(enabled=True, threshold=0.6, every_s=1e-6)
    bench = Bench(embed=same, panel=panel, uncertain=uncertain)
    bench.show(1)
    wait_until(lambda: one.looks > 0, "the first frame's labels")
    bench.show(1)
    wait_until(lambda: doubted(bench, became) == 1, became)
    bench.end()
