"""The inference stage with real channels, a made-up embedder and detector, and a slow spooler."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gleancam.captures import Capture
from gleancam.config.selection_keys import Gate, Novelty, Random, Selection, Uncertain
from gleancam.errors import exit_code
from gleancam.inference import MOST_FAILED
from gleancam.types import Reason, Sample
from gleancam.unlabelled import MOST_WAITING
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.fake import fake_embedder
from gleancam_engines.planes import Float32Array, Planes
from inference_bench import CAMERA, Bench, Unsure, doubted, kept, same
from waiting import wait_until


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
