"""The table of metrics is what Prometheus wants, and no more than the table can be counted."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gleancam.metrics import TABLE, Metrics

PROMTOOL = shutil.which("promtool")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def touch_all(metrics: Metrics) -> None:
    for row in TABLE:
        labels = dict.fromkeys(row.labels, "x")
        if row.kind == "counter":
            metrics.inc(row.name, 1.0, **labels)
        elif row.kind == "gauge":
            metrics.set(row.name, 1.0, **labels)
        else:
            metrics.observe(row.name, 1.0, **labels)


def test_promtool_finds_nothing_to_mend(metrics: Metrics) -> None:
    assert PROMTOOL, "promtool is missing: scripts/system-packages.sh --tests"
    touch_all(metrics)

    checked = subprocess.run(
        [PROMTOOL, "check", "metrics"],
        input=generate_latest(metrics.registry),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_names_are_unique() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_every_row_has_a_meaning_that_is_a_sentence() -> None:
    assert [row.name for row in TABLE if not row.meaning.endswith(".")] == []


def test_what_is_not_in_the_table_cannot_be_counted(metrics: Metrics) -> None:
    with pytest.raises(KeyError):
        metrics.inc("frames_imagined")
    with pytest.raises(ValueError, match="label"):
        metrics.inc("frames_pulled", colour="red")


def test_a_counter_counts(metrics: Metrics) -> None:
    metrics.inc("frames_pulled", camera="a")
    metrics.inc("frames_pulled", 2, camera="a")

    assert metrics.registry.get_sample_value("gleancam_frames_pulled_total", {"camera": "a"}) == 3


def test_every_metric_the_code_names_is_in_the_table() -> None:
    known = {row.name for row in TABLE}
    root = Path(__file__).parents[2] / "daemon" / "gleancam"
    named = {
        word
        for path in root.rglob("*.py")
        for line in path.read_text().splitlines()
        for call in ("metrics.inc(", "metrics.set(", "metrics.observe(")
        if call in line and '"' in line.partition(call)[2][:1]
        for word in [line.partition(call)[2].split('"')[1]]
    }

    assert named
    assert named <= known
