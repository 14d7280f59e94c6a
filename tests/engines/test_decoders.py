"""Decoders against the references in plain Python, on seeded outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import reference_decoders as reference
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.loading import DECODERS as DETECTORS
from gleancam_engines.manifest import Manifest
from made_outputs import (
    CLASSES,
    DECODERS,
    HEIGHT,
    SPARSE,
    WIDTH,
    Decoder,
    Fitting,
    Floats,
    made_manifest,
    made_outputs,
    scripted,
)
from made_planes import HD, flat

FITTINGS = (Fitting(), Fitting(anchor="corner"), Fitting("squash"))
every_decoder = pytest.mark.parametrize("decoder", DECODERS)
frames = st.tuples(st.integers(1, 400), st.integers(1, 400))
unit = st.floats(0, 1, width=32)
anything = st.floats(-(2.0**100), 2.0**100, width=32)


def seen(
    manifest: Manifest, results: dict[str, Floats], frame: tuple[int, int], least: float = 0.25
) -> Detections:
    detector = DETECTORS[manifest.decoder](scripted(manifest, results), manifest, least)
    width, height = frame
    return detector.detect(flat(height, width, (90, 128, 128), HD))


def expected(
    manifest: Manifest, results: dict[str, Floats], frame: tuple[int, int]
) -> list[reference.Row]:
    spec = manifest.preprocess
    fit = reference.Fit(frame, (spec.width, spec.height), spec.mode, spec.anchor)
    plain: dict[str, Any] = {role: array[0].tolist() for role, array in results.items()}
    if manifest.decoder == "yolov8":
        return reference.yolov8(plain[""], 0.25, fit)
    if manifest.decoder == "end_to_end":
        return reference.end_to_end(plain[""], 0.25, fit)
    numbers = manifest.class_numbers
    if manifest.decoder == "detr":
        return reference.detr(plain["logits"], plain["boxes"], 0.25, fit, numbers)
    return reference.ssd(plain["boxes"], plain["classes"], plain["scores"], 0.25, fit, numbers)


def assert_same(found: Detections, rows: list[reference.Row]) -> None:
    assert found.class_id.tolist() == [class_id for _, class_id, _ in rows]
    np.testing.assert_allclose(found.score, [score for score, _, _ in rows], atol=1e-6)
    boxes = np.array([box for _, _, box in rows]).reshape(-1, 4)
    np.testing.assert_allclose(found.xyxy, boxes, atol=1e-3)


@every_decoder
@pytest.mark.parametrize("fitting", FITTINGS, ids=str)
@pytest.mark.parametrize("frame", [(1280, 720), (321, 241), (33, 101)])
def test_agrees_with_the_plain_reference(
    decoder: Decoder, fitting: Fitting, frame: tuple[int, int]
) -> None:
    manifest = made_manifest(decoder, fitting=fitting)
    for seed in range(5):
        results = made_outputs(decoder, seed)
        rows = expected(manifest, results, frame)
        assert rows
        assert_same(seen(manifest, results, frame), rows)


def test_detr_takes_the_best_pairs_of_query_and_class() -> None:
    manifest = made_manifest("detr")
    results = made_outputs("detr", 3, count=250)
    results["logits"] += 5
    rows = expected(manifest, results, (WIDTH, HEIGHT))
    found = seen(manifest, results, (WIDTH, HEIGHT))
    assert 200 < len(rows) <= 300
    assert_same(found, rows)


def test_detr_leaves_a_leading_background_unread() -> None:
    manifest = made_manifest("detr", class_ids=SPARSE)
    plain = made_outputs("detr", 4)
    logits = np.full((1, 120, 6), 9, np.float32)
    logits[..., list(SPARSE)] = plain["logits"]
    found = seen(manifest, {**plain, "logits": logits}, (641, 479))
    wanted = seen(made_manifest("detr"), plain, (641, 479))
    np.testing.assert_array_equal(found.xyxy, wanted.xyxy)
    np.testing.assert_array_equal(found.class_id, wanted.class_id)


@pytest.mark.parametrize("decoder", ["ssd", "end_to_end"])
def test_numbers_in_a_gap_stand_for_nothing(decoder: Decoder) -> None:
    results = made_outputs(decoder, 5)
    numbers = results["classes"][0] if decoder == "ssd" else results[""][0, :, 5]
    numbers[:] = np.array([1, 5, 4])[numbers.astype(int)]
    found = seen(made_manifest(decoder, class_ids=SPARSE), results, (640, 480))
    assert set(found.class_id.tolist()) == {0, 2}


def test_ssd_reads_as_many_rows_as_count_says() -> None:
    results = made_outputs("ssd", 6)
    results["count"][:] = 0
    assert len(seen(made_manifest("ssd"), results, (640, 480))) == 0


@every_decoder
@given(
    frame=frames.filter(lambda size: max(size) < 40 * min(size)),
    share=st.tuples(*[st.floats(0.05, 0.4)] * 2, *[st.floats(0.5, 0.95)] * 2),
    fitting=st.sampled_from(FITTINGS),
)
def test_the_placement_is_undone_at_any_size(
    decoder: Decoder, frame: tuple[int, int], share: tuple[float, ...], fitting: Fitting
) -> None:
    box = np.array(share) * (frame * 2)
    fit = reference.Fit(frame, (WIDTH, HEIGHT), fitting.mode, fitting.anchor)
    found = seen(made_manifest(decoder, fitting=fitting), one_box(decoder, fit, box), frame)
    np.testing.assert_allclose(found.xyxy, box[np.newaxis], atol=2e-3)
    assert found.class_id.tolist() == [1]
    np.testing.assert_allclose(found.score, [0.5])


def one_box(decoder: Decoder, fit: reference.Fit, box: Any) -> dict[str, Floats]:
    """Encode one box of the frame, class 1, score 0.5."""
    x1, y1, x2, y2 = fit.into_input(box)
    centred = np.array([x1 + x2, y1 + y2, 2 * (x2 - x1), 2 * (y2 - y1)]) / 2
    made: dict[str, Any] = {
        "yolov8": {"": [[[value] for value in (*centred, 0.1, 0.5, 0.2)]]},
        "end_to_end": {"": [[[x1, y1, x2, y2, 0.5, 1]]]},
        "detr": {"boxes": [[centred / ([WIDTH, HEIGHT] * 2)]], "logits": [[[-9, 0, -9]]]},
        "ssd": {
            "boxes": [[[y1 / HEIGHT, x1 / WIDTH, y2 / HEIGHT, x2 / WIDTH]]],
            "classes": [[1]],
            "scores": [[0.5]],
            "count": [1],
        },
    }
    return {role: np.array(rows, np.float32) for role, rows in made[decoder].items()}


def wild(decoder: Decoder, data: st.DataObject, count: int) -> dict[str, Floats]:
    """Draw outputs whose boxes are anywhere and whose scores are in range."""

    def draw(shape: tuple[int, ...], values: st.SearchStrategy[float]) -> Floats:
        return data.draw(hnp.arrays(np.float32, shape, elements=values))

    boxes, scores = draw((1, count, 4), anything), draw((1, count), unit)
    if decoder == "yolov8":
        rest = draw((1, 3, count), unit)
        return {"": np.concatenate([boxes.transpose(0, 2, 1), rest], axis=1)}
    if decoder == "detr":
        return {"boxes": boxes, "logits": draw((1, count, 3), anything)}
    classes = np.floor(draw((1, count), unit) * 2.99).astype(np.float32)
    if decoder == "end_to_end":
        return {"": np.concatenate([boxes, np.stack([scores, classes], axis=2)], axis=2)}
    counted = np.array([count], np.float32)
    return {"boxes": boxes, "scores": scores, "classes": classes, "count": counted}


@every_decoder
@given(data=st.data(), frame=frames, fitting=st.sampled_from(FITTINGS), count=st.integers(0, 12))
def test_whatever_the_model_says_boxes_lie_in_the_frame_best_first(
    decoder: Decoder, data: st.DataObject, frame: tuple[int, int], fitting: Fitting, count: int
) -> None:
    outputs = wild(decoder, data, count)
    found = seen(made_manifest(decoder, fitting=fitting), outputs, frame, least=0.0)
    assert len(found) <= count * (len(CLASSES) if decoder == "detr" else 1)
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [*frame, *frame]).all()
    assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
    assert (np.diff(found.score) <= 0).all()
    assert set(found.class_id.tolist()) <= set(range(len(CLASSES)))
