"""The arithmetic of agreement: embeddings and boxes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.base import Engine, Tensors
from gleancam_engines.detections import Detections
from gleancam_engines.errors import PictureError, TensorError
from gleancam_engines.loading import open_candidate
from gleancam_engines.manifest import parse
from gleancam_engines.pictures import HostPictures, Pictures
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.precision import Precision
from gleancam_engines.verifying.box_check import BoxCheck
from gleancam_engines.verifying.boxes import (
    CONFIDENCE,
    LEAST_IOU,
    TOLERANCE,
    Agreement,
    agreement,
    closeness,
    counted,
)
from gleancam_engines.verifying.cosines import cosines, spread
from gleancam_engines.verifying.embedding_check import EmbeddingCheck
from gleancam_engines.verifying.enough import LEAST_BOXES, LEAST_PICTURES, digest
from made_models import manifest_text
from made_network import network, varied
from made_outputs import made_manifest, scripted
from made_planes import HD, flat, noise


def boxes(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    """Return detections of rows (x1, y1, x2, y2, score, class)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    table = table[np.argsort(-table[:, 4], kind="stable")]
    classes = table[:, 5].astype(np.int32)
    return Detections(table[:, :4], table[:, 4], classes, ("a", "b", "c"), "made@0")


ONE = (10.0, 10.0, 50.0, 50.0, 0.8, 1)


def share(one: Detections, other: Detections) -> float:
    return agreement(one, other).share


def test_the_same_boxes_agree() -> None:
    assert agreement(boxes(ONE), boxes(ONE)) == Agreement(2, 2)


@pytest.mark.parametrize(
    "other",
    [
        (10.0, 10.0, 50.0, 50.0, 0.8, 2),
        (10.0, 10.0, 50.0, 56.0, 0.8, 1),
        (10.0, 10.0, 50.0, 50.0, 0.74, 1),
    ],
    ids=["class", "overlap", "score"],
)
def test_a_box_that_differs_is_none_of_both(other: tuple[float, ...]) -> None:
    assert agreement(boxes(ONE), boxes(other)) == Agreement(0, 2)  # type: ignore[arg-type]


def test_a_hair_of_difference_is_allowed() -> None:
    assert share(boxes(ONE), boxes((10.0, 10.0, 50.0, 51.0, 0.82, 1))) == 1


def test_a_box_too_many_is_counted_on_either_side() -> None:
    more = boxes(ONE, (70.0, 10.0, 90.0, 50.0, 0.5, 0))
    assert agreement(boxes(ONE), more) == agreement(more, boxes(ONE)) == Agreement(2, 3)


def test_two_boxes_do_not_share_a_counterpart() -> None:
    twice = boxes(ONE, (10.0, 10.0, 50.0, 50.5, 0.79, 1))
    assert agreement(boxes(ONE), twice) == Agreement(2, 3)


def test_a_score_that_crosses_the_line_by_a_hair_costs_nothing() -> None:
    over, under = (10.0, 10.0, 50.0, 50.0, 0.31, 1), (10.0, 10.0, 50.0, 50.0, 0.29, 1)
    assert agreement(boxes(over), boxes(under)) == Agreement(1, 1)
    assert agreement(boxes(under), boxes(under)) == Agreement(0, 0)


def test_two_empty_pictures_agree() -> None:
    assert share(boxes(), boxes()) == closeness(boxes(), boxes()) == 1


number = st.floats(0, 60, width=32)
box = st.tuples(number, number, st.floats(1, 40, width=32), st.floats(1, 40, width=32))
rows = st.lists(
    st.tuples(box, st.floats(CONFIDENCE - TOLERANCE, 1, width=32), st.integers(0, 2)), max_size=12
)


@st.composite
def detections(draw: st.DrawFn) -> Detections:
    return boxes(*[(x, y, x + w, y + h, s, c) for (x, y, w, h), s, c in draw(rows)])


@given(detections())
def test_every_run_agrees_with_itself(one: Detections) -> None:
    assert share(one, one) == 1
    assert closeness(one, one) == pytest.approx(1)


@given(detections(), detections())
def test_the_order_of_the_two_does_not_matter(one: Detections, other: Detections) -> None:
    assert agreement(one, other) == agreement(other, one)
    assert closeness(one, other) == pytest.approx(closeness(other, one))


@given(detections(), st.floats(-2, 2), st.floats(-0.08, 0.08))
def test_the_greedy_answer_of_a_plain_loop(one: Detections, shift: float, louder: float) -> None:
    score = np.clip(one.score + np.float32(louder), 0, 1)
    other = Detections(
        one.xyxy + np.float32(shift), score, one.class_id, one.class_names, one.model_id
    )
    met, count = _plain(one, other)
    found = agreement(one, other)
    assert found.boxes == count == counted(one) + counted(other)
    assert found.met == met


def _plain(one: Detections, other: Detections) -> tuple[int, int]:
    """Pair the best overlap first, ties in order, box by box."""
    pairs = [
        (_iou(one.xyxy[i], other.xyxy[j]), -i, -j)
        for i in range(len(one))
        for j in range(len(other))
        if one.class_id[i] == other.class_id[j]
        and abs(one.score[i] - other.score[j]) <= np.float32(TOLERANCE)
    ]
    left, right = set(range(len(one))), set(range(len(other)))
    met = 0
    for iou, i, j in sorted(pairs, reverse=True):
        if iou >= np.float32(LEAST_IOU) and -i in left and -j in right:
            left.remove(-i)
            right.remove(-j)
            met += int(one.score[-i] >= CONFIDENCE) + int(other.score[-j] >= CONFIDENCE)
    return met, int((one.score >= CONFIDENCE).sum() + (other.score >= CONFIDENCE).sum())


def _iou(a: Float32Array, b: Float32Array) -> float:
    width = max(min(a[2], b[2]) - max(a[0], b[0]), np.float32(0))
    height = max(min(a[3], b[3]) - max(a[1], b[1]), np.float32(0))
    common = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return float(np.float32(common) / np.float32(union))


def test_spread_is_the_mean_distance_of_all_pairs() -> None:
    rows = np.random.default_rng(3).standard_normal((9, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    distances = 1 - (rows @ rows.T)[~np.eye(9, dtype=bool)]
    assert spread(rows) == pytest.approx(distances.mean(), abs=1e-6)
    assert spread(np.repeat(rows[:1], 4, 0)) == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(cosines(rows, rows), 1, atol=1e-6)


def test_a_digest_tells_pictures_and_their_order_apart() -> None:
    one, other = noise(8, 8, HD, 1), noise(8, 8, HD, 2)
    wide, high = flat(8, 32, (1, 2, 3), HD), flat(32, 8, (1, 2, 3), HD)
    digests = [digest(pictures) for pictures in ([one, other], [other, one], [one], [wide], [high])]
    assert len(set(digests)) == 5
    assert digest([one, other]) == digests[0]


class Altered(Engine):
    """Another engine whose embeddings are changed on the way."""

    def __init__(self, engine: Engine, wrong: Any) -> None:
        self._engine, self._wrong = engine, wrong
        self.provenance = engine.provenance
        self.inputs, self.outputs = engine.inputs, engine.outputs

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        (name, rows), *_ = self._engine.infer(tensors).items()
        return {name: self._wrong(rows)}

    def close(self) -> None:
        self._engine.close()


MODEL = network()
MANIFEST = parse(manifest_text(MODEL), Path("manifest.toml"))
PICTURES = varied(LEAST_PICTURES)


def embedder(wrong: Any = lambda rows: rows) -> Pictures:
    engine = open_candidate(MODEL, MANIFEST, threads=1).engine
    return HostPictures(Altered(engine, wrong), MANIFEST.preprocess)


@pytest.fixture(scope="module")
def check() -> EmbeddingCheck:
    return EmbeddingCheck(embedder(), MANIFEST, PICTURES, lambda: None)


def test_an_embedder_agrees_with_itself_at_any_batch(check: EmbeddingCheck) -> None:
    result = check.hold(embedder(), "fp32", (1, 3, 16))
    assert result.passed
    assert result.value > 0.999999


def test_one_bad_picture_is_enough_to_fail(check: EmbeddingCheck) -> None:
    calls = iter(range(100))
    turned = embedder(lambda rows: rows[:, ::-1].copy() if next(calls) == 5 else rows)
    result = check.hold(turned, "int8", (1,))
    assert not result.passed
    assert result.mean > result.value


def test_a_batch_that_is_mixed_up_fails(check: EmbeddingCheck) -> None:
    mixed = embedder(lambda rows: np.roll(rows, 1, axis=0))
    assert check.hold(mixed, "int8", (1,)).passed
    assert not check.hold(mixed, "int8", (1, 4)).passed


def test_the_bar_is_that_of_the_precision(check: EmbeddingCheck) -> None:
    rng = np.random.default_rng(1)

    def noisy(rows: Float32Array) -> Float32Array:
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        across = rng.standard_normal(rows.shape).astype(np.float32)
        across -= rows * (across * rows).sum(1, keepdims=True) / length**2
        across *= np.float32(0.07) * length / np.linalg.norm(across, axis=1, keepdims=True)
        return np.asarray(rows + across, np.float32)

    tried: tuple[Precision, ...] = ("fp32", "fp16", "int8")
    results = {name: check.hold(embedder(noisy), name, (1,)) for name in tried}
    assert results["int8"].value == pytest.approx(0.99756, abs=1e-4)
    assert {name: result.passed for name, result in results.items()} == {
        "fp32": False,
        "fp16": False,
        "int8": True,
    }


def test_pictures_that_are_alike_raise_the_bar() -> None:
    base = np.asarray(varied(1)[0].y)
    dim = [replace(varied(1)[0], y=np.asarray(base // 16 * 16 + at, np.uint8)) for at in range(16)]
    check = EmbeddingCheck(embedder(), MANIFEST, dim, lambda: None)
    result = check.hold(embedder(), "int8", (1,))
    assert 0.99 < result.bar < 1
    assert result.passed


def test_one_picture_many_times_is_refused() -> None:
    check = EmbeddingCheck(embedder(), MANIFEST, varied(1) * 16, lambda: None)
    with pytest.raises(PictureError, match="16 pictures look alike to the model"):
        check.hold(embedder(), "int8", (1,))


def test_nan_is_an_error(check: EmbeddingCheck) -> None:
    with pytest.raises(TensorError, match="holds NaN"):
        check.hold(embedder(lambda rows: rows * np.float32("nan")), "fp16", (1,))


def detector(*rows: tuple[float, ...]) -> Pictures:
    manifest = made_manifest("end_to_end")
    return scripted(manifest, {"": np.array([rows], np.float32).reshape(1, -1, 6)})


def box_check(frames: list[Planes], *rows: tuple[float, ...]) -> BoxCheck:
    return BoxCheck(detector(*rows), made_manifest("end_to_end"), frames, lambda: None)


TWO = ((10.0, 10.0, 60.0, 60.0, 0.9, 0.0), (70.0, 20.0, 120.0, 90.0, 0.6, 2.0))


def test_a_detector_agrees_with_itself() -> None:
    result = box_check(PICTURES, *TWO).hold(detector(*TWO), "fp32", (1, 8))
    assert (result.measure, result.value, result.passed) == ("boxes", 1.0, True)


def test_a_detector_that_misses_a_box_fails() -> None:
    check = box_check(PICTURES, *TWO)
    assert check.hold(detector(TWO[0]), "int8", (1,)).value == pytest.approx(2 / 3)
    assert check.closeness(detector(TWO[0])) == pytest.approx(2 / 3)


def test_pictures_in_which_nothing_is_found_are_refused() -> None:
    frames = PICTURES[: LEAST_BOXES // 2 - 1]
    with pytest.raises(PictureError, match="finds 18 objects in all 9 pictures"):
        box_check(frames, *TWO).hold(detector(*TWO), "fp32", (1,))
