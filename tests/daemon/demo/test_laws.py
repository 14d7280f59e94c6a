from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation
from gleancam.demo.received import Received
from gleancam.demo.report import Report, quantile
from gleancam.metrics import Metrics


def a_run_that_adds_up() -> Metrics:
    metrics = Metrics(CollectorRegistry())
    metrics.inc("frames_produced", 12, camera="a")
    metrics.inc("frames_pulled", 10, camera="a")
    metrics.inc("frames_lost", 2, camera="a", reason="sink_overrun")
    metrics.inc("frames_lost", 1, camera="a", reason="slot_overrun")
    metrics.inc("frames_gated", 4, camera="a")
    metrics.inc("frames_embedded", 5, camera="a")
    metrics.inc("frames_kept", 2, camera="a", reason="novel")
    metrics.inc("frames_kept", 1, camera="a", reason="scene_change")
    metrics.inc("scene_changes", 2, camera="a", kind="cut")
    metrics.inc("events_lost", 1, camera="a", reason="disk_full")
    metrics.inc("decisions_logged", 4, kind="frame")
    metrics.inc("decisions_logged", 3, kind="cost")
    metrics.inc("decisions_lost", 1, kind="frame", reason="behind")
    metrics.inc("spool_committed", 3, kind="sample")
    metrics.inc("spool_committed", 1, kind="event")
    metrics.inc("spool_lost", 1, reason="evicted")
    metrics.inc("delivery_parcels", 2, outcome="freed")
    metrics.set("spool_parcels", 1, state="ready")
    return metrics


def counts_of(metrics: Metrics) -> Counts:
    return Counts(generate_latest(metrics.registry).decode())


def test_all_laws_hold_for_a_run_that_adds_up() -> None:
    assert [
        str(law) for law in conservation(counts_of(a_run_that_adds_up())) if not law.holds
    ] == []


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("frames_produced", {"camera": "a"}),
        ("frames_pulled", {"camera": "a"}),
        ("frames_gated", {"camera": "a"}),
        ("frames_lost", {"camera": "a", "reason": "failed"}),
        ("frames_kept", {"camera": "a", "reason": "novel"}),
        ("spool_committed", {"kind": "event"}),
        ("delivery_parcels", {"outcome": "freed"}),
    ],
)
def test_one_more_of_anything_breaks_a_law(name: str, labels: dict[str, str]) -> None:
    metrics = a_run_that_adds_up()
    metrics.inc(name, 1, **labels)
    assert any(not law.holds for law in conservation(counts_of(metrics)))


def received(samples: tuple[str, ...], *, events: int = 0, invalid: int = 0) -> Received:
    return Received(samples, events, invalid, tuple(0.1 for _ in samples))


def delivered_run() -> Metrics:
    metrics = Metrics(CollectorRegistry())
    metrics.inc("frames_produced", 2, camera="a")
    metrics.inc("frames_pulled", 2, camera="a")
    metrics.inc("frames_embedded", 2, camera="a")
    metrics.inc("frames_kept", 2, camera="a", reason="novel")
    metrics.inc("decisions_logged", 2, kind="frame")
    metrics.inc("spool_committed", 2, kind="sample")
    metrics.inc("delivery_parcels", 2, outcome="freed")
    return metrics


def passed(got: Received, **exit_codes: int) -> bool:
    return Report(counts_of(delivered_run()), got, exit_codes).passed()


def test_a_report_passes_when_all_samples_arrived_once() -> None:
    assert passed(received(("s1", "s2")), daemon=0, consumer=0)


def test_a_report_fails_when_a_sample_is_missing_doubled_or_invalid() -> None:
    assert not passed(received(("s1",)))
    assert not passed(received(("s1", "s1")))
    assert not passed(received(("s1", "s2"), invalid=1))
    assert not passed(received(("s1", "s2"), events=1))
    assert not passed(received(("s1", "s2")), daemon=1)


def test_quantiles_are_values_that_were_measured() -> None:
    assert quantile([], 0.5) is None
    assert quantile([3.0], 0.99) == 3.0
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.5) == 3.0
    assert quantile(list(map(float, range(100))), 0.99) == 99.0


def test_a_report_fails_when_a_decision_is_neither_logged_nor_counted_as_lost() -> None:
    metrics = delivered_run()
    metrics.inc("decisions_lost", 1, kind="frame", reason="behind")
    assert not Report(counts_of(metrics), received(("s1", "s2")), {"daemon": 0}).passed()
