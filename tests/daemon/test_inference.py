"""The inference stage with real channels, a made-up embedder and detector, and a slow spooler."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace as changed
from prometheus_client import CollectorRegistry

from gleancam.batching import Embed
from gleancam.captures import Capture, Captures
from gleancam.channel import Channel, FrameSlots, WhenFull
from gleancam.condition import Condition
from gleancam.config.keys import TestCamera
from gleancam.config.selection_keys import Gate, Novelty, Random, Selection, Uncertain
from gleancam.errors import ChannelClosedError, exit_code
from gleancam.glean import Gleaner
from gleancam.inference import MOST_FAILED, Harvest, Inference
from gleancam.labelling import Labeller, Panel
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.sources.fake import grey
from gleancam.stage import Stage
from gleancam.types import Frame, Reason, Sample
from gleancam.unlabelled import MOST_WAITING, Unlabelled
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.fake import fake_embedder
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.voting.informativeness import InformativenessRule, OfLabel, Weights
from made_panel import made_panel, made_voter, panel_of
from made_samples import made_sample
from waiting import wait_until

CAMERA = TestCamera(id="a")
UNGATED = Selection(gate=Gate(enabled=False))


class BrokenDetector(FakeDetector):
    model_id = "broken@000000000000"

    def detect(self, planes: Planes) -> Detections:
        del planes
        raise TensorError("output holds NaN")


class NotANumber:
    """Gives what an embedder raises: for every picture, or for some."""

    def __init__(self, good_every: int) -> None:
        self._embed = fake_embedder(64).embed
        self._good_every = good_every
        self._count = 0

    def __call__(self, pictures: Sequence[Planes]) -> Float32Array:
        self._count += 1
        if self._good_every and self._count % self._good_every == 0:
            return self._embed(pictures)
        raise TensorError("fake@000000000000: output 'embedding' holds NaN or infinity")


class Unsure(FakeDetector):
    """Sees a person of whom it is as unsure as can be, and counts its looks."""

    def __init__(self, score: float = 0.5) -> None:
        self.looks = 0
        self._score = score

    def detect(self, planes: Planes) -> Detections:
        self.looks += 1
        seen = super().detect(planes)
        return replace(seen, score=np.array([0.95, self._score], np.float32))


@dataclass
class Bench:
    disk_full: bool = False
    embed: Embed = field(default_factory=lambda: fake_embedder(64).embed)
    capacity: int = 8
    selection: Selection = UNGATED
    uncertain: Uncertain = field(default_factory=Uncertain)
    budget: str | None = None
    detectors: tuple[FakeDetector, ...] = (FakeDetector(),)
    panel: Panel | None = None
    crashes: list[BaseException] = field(default_factory=list)
    told: list[tuple[str, tuple[Condition, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.slots = FrameSlots([CAMERA.id])
        self.captures = Captures()
        self.harvest: Channel[Harvest] = Channel("spooler", self.capacity, WhenFull.BLOCK)
        ids = iter(range(10**6))
        gleaner = Gleaner(
            changed(self.selection, uncertain=self.uncertain, budget=self.budget),
            [CAMERA],
            self.embed,
            "space",
            lambda: f"id-{next(ids)}",
            "policy",
            8,
        )
        labeller = Labeller(self.panel or made_panel(*self.detectors), self.metrics, 5.0)
        inference = Inference(
            gleaner,
            labeller,
            self.slots,
            self.harvest,
            self.metrics,
            5.0,
            lambda: self.disk_full,
            lambda *told: self.told.append(told),
            captures=self.captures.take,
        )
        self.stage = Stage("inference", inference.run, lambda _, error: self.crashes.append(error))
        self.stage.start()
        self.shown = 0

    def show(self, count: int) -> None:
        """Show pictures that the made-up embedder finds unlike each other, one by one."""
        for _ in range(count):
            planes = grey(30 + self.shown % 200, (36, 64))
            planes.y[::2, :: self.shown % 7 + 2] = (self.shown * 37) % 200 + 20
            now = time.monotonic_ns()
            self.slots.put(Frame(CAMERA.id, self.shown, time.time_ns(), now, planes.read_only()))
            self.shown += 1
            wait_until(lambda: not self.slots.has_frame(), "the frame to be taken")

    def count(self, name: str, **labels: str) -> float:
        value = self.metrics.registry.get_sample_value(f"gleancam_{name}_total", labels)
        return value or 0.0

    def end(self) -> list[Harvest]:
        self.slots.close()
        items = []
        with suppress(ChannelClosedError):
            while (item := self.harvest.get(5.0)) is not None:
                items.append(item)
        assert self.stage.join(5.0)
        assert self.crashes == []
        return items


def kept(bench: Bench) -> float:
    return bench.count("frames_kept", camera=CAMERA.id, reason="novel")


def test_what_is_kept_leaves_labelled_and_in_order() -> None:
    bench = Bench()
    bench.show(5)
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    assert len(samples) == kept(bench) > 0
    assert [label.class_name for label in samples[0].labels] == ["person", "car"]
    assert [s.embedded.frame.seq for s in samples] == sorted(s.embedded.frame.seq for s in samples)
    assert bench.count("frames_embedded", camera=CAMERA.id) == 5


def test_a_detector_that_fails_costs_its_labels_and_nothing_else() -> None:
    bench = Bench(detectors=(BrokenDetector(), FakeDetector()))
    bench.show(1)
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    assert len(samples) == 1
    broken, fake = samples[0].evidence
    assert (broken.member_id, broken.status, len(broken)) == (BrokenDetector.model_id, "failed", 0)
    assert (fake.member_id, fake.status, len(fake)) == (FakeDetector.model_id, "ok", 2)
    assert all(label.degraded_quorum for label in samples[0].labels)
    assert bench.count("member_frames", member=broken.member_id, status="failed") == 1
    assert bench.count("member_frames", member=fake.member_id, status="ok") == 1


def test_frames_that_cannot_be_embedded_are_counted_and_stop_nothing() -> None:
    bench = Bench(embed=NotANumber(good_every=MOST_FAILED // 2))
    bench.show(2 * MOST_FAILED)
    bench.end()
    assert bench.count("frames_embedded", camera=CAMERA.id) == 4
    assert bench.count("frames_lost", camera=CAMERA.id, reason="failed") == 2 * MOST_FAILED - 4


def test_an_embedder_that_gives_no_numbers_any_more_ends_the_stage_and_names_a_model() -> None:
    bench = Bench(embed=NotANumber(good_every=0))
    bench.show(MOST_FAILED)
    assert bench.stage.join(5.0)
    (crash,) = bench.crashes
    assert isinstance(crash, TensorError)
    assert "NaN" in str(crash)
    assert "models verify" in str(crash)
    assert exit_code(crash) == 3


def test_while_the_disk_is_full_watching_goes_on_and_keeps_become_over_budget() -> None:
    bench = Bench(disk_full=True, capacity=1)
    bench.show(MOST_WAITING + 12)
    assert bench.count("frames_embedded", camera=CAMERA.id) >= MOST_WAITING + 11
    wait_until(
        lambda: bench.count("frames_decided", camera=CAMERA.id, reason="over_budget") > 0,
        "a frame over budget",
    )
    assert kept(bench) <= MOST_WAITING + 2
    bench.disk_full = False
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    assert len(samples) == kept(bench)


def test_a_spooler_that_is_behind_blocks_and_loses_nothing() -> None:
    bench = Bench(capacity=1)
    bench.show(1)
    wait_until(lambda: bench.harvest.full, "a full channel")
    bench.show(1)
    wait_until(lambda: bench.stage.pulse.waiting_on == "spooler", "the stage to say it waits")
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    assert len(samples) == kept(bench) == 2


def test_what_cannot_be_handed_on_at_the_end_is_counted() -> None:
    bench = Bench(disk_full=True, capacity=1)
    bench.show(4)
    bench.slots.close()
    assert bench.stage.join(5.0)
    assert bench.count("spool_lost", reason="stopped") == kept(bench) - 1


@pytest.mark.parametrize("closed_first", [True, False])
def test_a_closed_channel_ends_the_stage_without_a_crash(*, closed_first: bool) -> None:
    bench = Bench(capacity=1)
    if closed_first:
        bench.harvest.close()
    bench.show(1)
    bench.harvest.close()
    bench.slots.close()
    assert bench.stage.join(5.0)
    assert bench.crashes == []


ALL_DRAWN = Selection(gate=Gate(enabled=False), random=Random(rate="999999/hour"))
"""The camera gives one frame a second."""


def test_what_is_drawn_is_counted_and_the_lottery_shown() -> None:
    bench = Bench(selection=ALL_DRAWN)
    bench.show(5)
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    assert len(samples) == bench.count("frames_drawn", camera=CAMERA.id) == 5
    assert all(sample.decision.drawn for sample in samples)
    shown = bench.metrics.registry.get_sample_value
    assert shown("gleancam_lottery_epoch", {"camera": CAMERA.id}) == 1
    assert shown("gleancam_lottery_propensity", {"camera": CAMERA.id}) == 1
    assert shown("gleancam_lottery_sampled", {"camera": CAMERA.id}) == 5


def test_draws_that_cannot_be_kept_are_counted_with_their_reason() -> None:
    full = Bench(selection=ALL_DRAWN, disk_full=True, capacity=1)
    full.show(MOST_WAITING + 12)
    lost = NotANumber(good_every=0)
    broken = Bench(selection=ALL_DRAWN, embed=lost)
    broken.show(3)
    for bench in (full, broken):
        bench.slots.close()
        assert bench.stage.join(5.0)
    kept = sum(
        full.count("frames_kept", camera=CAMERA.id, reason=reason) for reason in ("novel", "random")
    )
    refused = full.count("draws_refused", camera=CAMERA.id, reason="disk_full")
    assert refused == full.count("frames_drawn", camera=CAMERA.id) - kept > 0
    assert broken.count("draws_refused", camera=CAMERA.id, reason="failed") == 3


def test_a_request_reaches_the_next_frame_once() -> None:
    bench = Bench(selection=Selection(random=Random(enabled=False)))
    bench.show(1)
    for _ in range(2):
        bench.captures.put(Capture(CAMERA.id, "one"))
        bench.show(2)
    bench.end()
    assert bench.count("frames_kept", camera=CAMERA.id, reason="command") == 1


def test_frames_beyond_the_band_are_counted() -> None:
    narrow = Novelty(threshold=0.01, ceiling=0.02)
    bench = Bench(selection=Selection(gate=Gate(enabled=False), novelty=narrow))
    bench.show(5)
    bench.end()
    decided = bench.count("frames_decided", camera=CAMERA.id, reason="beyond_band")
    assert bench.count("frames_beyond_band", camera=CAMERA.id) == decided > 0


EAGER = Uncertain(enabled=True, threshold=0.9, every_s=1e-6)


def same(pictures: Sequence[Planes]) -> Float32Array:
    """Nothing but the first frame is new."""
    rows = np.zeros((len(pictures), 8), np.float32)
    rows[:, 0] = 1
    return rows


def doubted(bench: Bench, outcome: str) -> float:
    return bench.count("frames_doubted", camera=CAMERA.id, outcome=outcome)


def test_what_is_not_new_is_kept_when_the_detectors_are_unsure_of_it() -> None:
    detector = Unsure()
    bench = Bench(embed=same, detectors=(detector,), uncertain=EAGER)
    bench.show(1)
    wait_until(lambda: detector.looks > 0, "the first frame's labels")
    bench.show(1)
    wait_until(lambda: doubted(bench, "kept") == 1, "the second look")
    first, second = (item for item in bench.end() if isinstance(item, Sample))
    assert first.decision.reason is Reason.NOVEL
    decision = second.decision
    assert (decision.reason, decision.threshold) == (Reason.UNCERTAIN, 0.9)
    assert decision.score == pytest.approx(1.0)
    assert decision.novelty == pytest.approx(0.0, abs=1e-6)
    assert decision.nearest_id == first.sample_id
    assert [label.score for label in second.labels] == pytest.approx([0.95, 0.5])
    assert len(second.evidence) == 1
    assert bench.count("frames_kept", camera=CAMERA.id, reason="uncertain") == 1
    assert bench.count("frames_embedded", camera=CAMERA.id) == 2
    assert bench.count("labels", camera=CAMERA.id, class_name="person") == 2


def test_of_what_detectors_are_sure_nothing_is_kept_and_no_label_is_counted() -> None:
    detector = Unsure(score=0.99)
    bench = Bench(embed=same, detectors=(detector,), uncertain=EAGER)
    bench.show(1)
    wait_until(lambda: detector.looks > 0, "the first frame's labels")
    bench.show(1)
    wait_until(lambda: doubted(bench, "sure") == 1, "the second look")
    assert len([item for item in bench.end() if isinstance(item, Sample)]) == 1
    assert bench.count("labels", camera=CAMERA.id, class_name="person") == 1


def test_without_it_detectors_look_at_kept_frames_alone() -> None:
    detector = Unsure()
    bench = Bench(embed=same, detectors=(detector,))
    bench.show(20)
    bench.end()
    assert detector.looks == 1


def test_every_frame_that_was_kept_late_leaves_and_is_counted_once() -> None:
    bench = Bench(embed=same, detectors=(Unsure(),), uncertain=EAGER, capacity=64)
    bench.show(30)
    wait_until(lambda: doubted(bench, "kept"), "a second look")
    samples = [item for item in bench.end() if isinstance(item, Sample)]
    late = bench.count("frames_kept", camera=CAMERA.id, reason="uncertain")
    assert len(samples) == kept(bench) + late
    assert late == doubted(bench, "kept")
    assert len({sample.sample_id for sample in samples}) == len(samples)


def test_while_the_disk_is_full_nobody_looks_twice() -> None:
    detector = Unsure()
    bench = Bench(embed=same, detectors=(detector,), uncertain=EAGER, disk_full=True)
    bench.show(12)
    bench.slots.close()
    assert bench.stage.join(5.0)
    assert detector.looks == 1
    assert doubted(bench, "replaced") > 0


def test_a_budget_that_is_spent_refuses_what_detectors_are_unsure_of() -> None:
    detector = Unsure()
    bench = Bench(embed=same, detectors=(detector,), uncertain=EAGER, budget="1/day")
    bench.show(1)
    wait_until(lambda: detector.looks > 0, "the first frame's labels")
    bench.show(1)
    wait_until(lambda: doubted(bench, "over_budget") == 1, "the second look")
    assert len([item for item in bench.end() if isinstance(item, Sample)]) == 1


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
