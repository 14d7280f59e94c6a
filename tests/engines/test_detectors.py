"""Decoding, on tensors made by hand from boxes we know."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines import catalogue
from gleancam_engines.base import Engine
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.detectors.picodet import PicodetDetector
from gleancam_engines.detectors.yolox import YoloxDetector
from gleancam_engines.errors import ManifestError, TensorError
from gleancam_engines.manifest import Manifest, Tensor, load
from made_planes import HD, flat
from scripted_engine import Scripted, looking

YOLOX = load(catalogue.find("yolox-nano"))
PICODET = load(catalogue.find("picodet-416"))


def yolox_rows(boxes: list[tuple[float, float, float, float]], score: float) -> Scripted:
    """Encode boxes given in input pixels, each in the grid cell of stride 8 it is centred in."""
    rows = np.zeros((1, 3549, 85), np.float32)
    for class_id, (x1, y1, x2, y2) in enumerate(boxes):
        x, y = (x1 + x2) / 16, (y1 + y2) / 16
        cell = min(int(y), 51) * 52 + min(int(x), 51)
        size = np.log([(x2 - x1) / 8, (y2 - y1) / 8])
        rows[0, cell, :4] = (x - cell % 52, y - cell // 52, *size)
        rows[0, cell, 4], rows[0, cell, 5 + class_id] = 0.5, 2 * score
    return Scripted(YOLOX, {"output": rows})


def yolox(engine: Engine, manifest: Manifest = YOLOX) -> YoloxDetector:
    return YoloxDetector(looking(engine, manifest), manifest, 0.3)


@given(
    x=st.floats(0, 1200),
    y=st.floats(0, 650),
    width=st.floats(4, 700),
    height=st.floats(4, 700),
)
def test_yolox_finds_the_box_that_was_encoded(
    x: float, y: float, width: float, height: float
) -> None:
    box = np.array([x, y, min(x + width, 1280), min(y + height, 720)])
    scale = np.array([416 / 1280, 234 / 720] * 2)
    engine = yolox_rows([tuple(box * scale)], 0.4)
    seen = yolox(engine).detect(flat(720, 1280, (90, 128, 128), HD))
    np.testing.assert_allclose(seen.xyxy, box[np.newaxis], atol=0.05)
    np.testing.assert_allclose(seen.score, [0.4], atol=1e-6)
    assert seen.class_id.tolist() == [0]


def test_yolox_suppresses_within_a_class_only() -> None:
    rows = np.zeros((1, 3549, 85), np.float32)
    rows[0, [1500, 1501, 1502], 2:4] = np.log(20)
    rows[0, [1500, 1501, 1502], 4] = 1
    rows[0, 1500, 5], rows[0, 1501, 5], rows[0, 1502, 6] = 0.9, 0.8, 0.7
    detector = yolox(Scripted(YOLOX, {"output": rows}))
    seen = detector.detect(flat(416, 416, (90, 128, 128), HD))
    assert [
        (one, round(float(score), 2)) for one, score in zip(seen.class_id, seen.score, strict=True)
    ] == [
        (0, 0.9),
        (1, 0.7),
    ]


def test_yolox_gets_bgr_bytes_with_grey_below() -> None:
    engine = Scripted(YOLOX, {"output": np.zeros((1, 3549, 85), np.float32)})
    red = flat(720, 1280, (63, 102, 240), HD)
    seen = yolox(engine).detect(red)
    assert len(seen) == 0
    image = engine.given["images"][0]
    np.testing.assert_allclose(image[:, 0, 0], [0, 0, 255], atol=1)
    assert (image[:, 234:] == 114).all()


def test_yolox_of_another_size_is_an_error() -> None:
    unknown = (Tensor("output", "float32", (1, -1, 85)),)
    manifest = msgspec.structs.replace(YOLOX, outputs=unknown)
    engine = Scripted(manifest, {"output": np.zeros((1, 8400, 85), np.float32)})
    with pytest.raises(TensorError, match="YOLOX rows must be"):
        yolox(engine, manifest).detect(flat(8, 8, (90, 128, 128), HD))


def picodet(rows: list[list[float]]) -> Scripted:
    table = np.array(rows, np.float32).reshape(-1, 6)
    count = np.array([len(table)], np.int32)
    return Scripted(PICODET, {PICODET.outputs[0].name: table, PICODET.outputs[1].name: count})


def test_picodet_rows_are_boxes_of_the_source() -> None:
    rows = [[2, 0.4, 10, 20, 30, 40], [0, 0.9, -5, 700, 2000, 800], [0, 0.2, 1, 1, 2, 2]]
    engine = picodet(rows)
    detector = PicodetDetector(looking(engine, PICODET), PICODET, 0.3)
    seen = detector.detect(flat(720, 1280, (90, 128, 128), HD))
    np.testing.assert_array_equal(seen.xyxy, [[0, 700, 1280, 720], [10, 20, 30, 40]])
    np.testing.assert_allclose(seen.score, [0.9, 0.4])
    assert seen.class_id.tolist() == [0, 2]
    np.testing.assert_allclose(engine.given["scale_factor"], [[416 / 720, 416 / 1280]], rtol=1e-6)


@pytest.mark.parametrize("rows", [[], [[-1, 0, 0, 0, 0, 0]], [[0, 0.9, 2000, 10, 2010, 20]]])
def test_picodet_says_nothing(rows: list[list[float]]) -> None:
    detector = PicodetDetector(looking(picodet(rows), PICODET), PICODET, 0.0)
    assert len(detector.detect(flat(720, 1280, (90, 128, 128), HD))) == 0


def test_picodet_with_a_class_too_many_is_an_error() -> None:
    detector = PicodetDetector(looking(picodet([[80, 0.9, 1, 1, 2, 2]]), PICODET), PICODET, 0.3)
    with pytest.raises(TensorError, match="class id 80"):
        detector.detect(flat(8, 8, (90, 128, 128), HD))


def test_picodet_with_scores_that_are_none_is_an_error() -> None:
    detector = PicodetDetector(looking(picodet([[0, 4.5, 1, 1, 2, 2]]), PICODET), PICODET, 0.3)
    with pytest.raises(TensorError, match="scores lie in"):
        detector.detect(flat(8, 8, (90, 128, 128), HD))


def test_an_embedder_is_no_detector() -> None:
    with pytest.raises(ManifestError, match="not for 'detect'"):
        open_detector(catalogue.find("tiny-vit-5m"))


def test_confidence_has_a_range(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0…1"):
        open_detector(tmp_path, confidence=1.5)
