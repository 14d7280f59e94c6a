"""pycocotools' own example: the evaluator gives the figures that its demo published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.labels.fakebbox import averages

pytestmark = pytest.mark.evaluation


def test_the_published_figures_are_reproduced(evaluation_data: Path) -> None:
    detections = evaluation_data / "detections"
    found = averages(detections)
    reference = json.loads((detections / "reference_metrics.json").read_text())
    exact = reference["results"]["cocoapi_fakebbox100"]
    assert found.ap[0] == pytest.approx(exact["AP"], abs=5e-5)
    assert [round(float(each[0]), 3) for each in (found.ap, found.ap50, found.ap75, found.ar)] == [
        0.505,
        0.697,
        0.573,
        0.595,
    ]
