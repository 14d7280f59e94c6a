"""What every detector does, the fake included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.detectors.loading import DECODERS as DETECTORS
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.fetching import convert
from gleancam_engines.planes import Planes
from made_outputs import DECODERS, Decoder, made_manifest, made_outputs, scripted
from made_planes import COLORIMETRIES, HD, flat, from_rgb, noise, scenery

SIZES = [(1, 1), (2, 300), (241, 321), (416, 416), (720, 1280)]
needs_converter = pytest.mark.skipif(
    not convert.runs_here(), reason="picodet-416 is converted, and the converter is x86-64 only"
)


@pytest.fixture(
    scope="module",
    params=[
        "fake",
        *DECODERS,
        pytest.param("yolox-nano", marks=pytest.mark.models),
        pytest.param("picodet-416", marks=[pytest.mark.models, needs_converter]),
    ],
)
def detector(request: pytest.FixtureRequest, models_directory: Path) -> Iterator[Detector]:
    if request.param == "fake":
        opened: Detector = FakeDetector()
    elif request.param in DECODERS:
        opened = made(request.param)
    else:
        opened = open_detector(models_directory / request.param, confidence=0.05)
    yield opened
    opened.close()
    opened.close()


def made(decoder: Decoder) -> Detector:
    """Return a detector whose model says the same of every picture."""
    manifest = made_manifest(decoder)
    engine = scripted(manifest, {**made_outputs(decoder, seed=1)})
    return DETECTORS[decoder](engine, manifest, 0.05)


def pictures() -> list[Planes]:
    drawn = [from_rgb(scenery(*size, seed=3), HD) for size in SIZES if min(size) > 9]
    return [*drawn, *(noise(*size) for size in SIZES)]


def test_names_itself_and_its_classes(detector: Detector) -> None:
    assert len(detector.model_id.split("@")[1]) == 12
    assert len(set(detector.class_names)) == len(detector.class_names) > 1


def test_boxes_lie_in_the_picture_best_first(detector: Detector) -> None:
    for planes in pictures():
        seen = detector.detect(planes)
        assert seen.model_id == detector.model_id
        assert seen.class_names == detector.class_names
        assert (seen.xyxy >= 0).all()
        assert (seen.xyxy <= [planes.width, planes.height] * 2).all()
        assert (seen.xyxy[:, 2:] > seen.xyxy[:, :2]).all()
        assert (np.diff(seen.score) <= 0).all()


def test_same_picture_same_boxes(detector: Detector) -> None:
    planes = from_rgb(scenery(240, 320), COLORIMETRIES[0])
    first, again = detector.detect(planes), detector.detect(planes)
    np.testing.assert_array_equal(first.xyxy, again.xyxy)
    np.testing.assert_array_equal(first.score, again.score)
    np.testing.assert_array_equal(first.class_id, again.class_id)


def test_leaves_the_picture_alone(detector: Detector) -> None:
    planes = flat(48, 64, (90, 120, 130), HD).read_only()
    detector.detect(planes)
    assert (planes.y == 90).all()
