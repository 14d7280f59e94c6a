"""What decoders and their manifests do not accept, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gleancam_engines.detectors.loading import DECODERS as DETECTORS
from gleancam_engines.errors import TensorError
from made_outputs import (
    DECODERS,
    SHAPES,
    SPARSE,
    Decoder,
    Floats,
    made_manifest,
    made_outputs,
    scripted,
)
from made_planes import HD, flat

every_decoder = pytest.mark.parametrize("decoder", DECODERS)
UNKNOWN = {
    decoder: {role: (-1,) * len(shape) for role, shape in shapes.items()}
    for decoder, shapes in SHAPES.items()
}
"""Manifests that leave every size to run time."""


def detect(decoder: Decoder, results: dict[str, Floats], class_ids: tuple[int, ...] = ()) -> None:
    manifest = made_manifest(decoder, class_ids, shapes=UNKNOWN[decoder])
    detector = DETECTORS[decoder](scripted(manifest, results), manifest, 0.25)
    detector.detect(flat(48, 64, (90, 128, 128), HD))


@every_decoder
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity(decoder: Decoder, value: float) -> None:
    for role in made_outputs(decoder, 0):
        results = made_outputs(decoder, 0)
        results[role].flat[0] = value
        with pytest.raises(TensorError, match="holds NaN or infinity"):
            detect(decoder, results)


@every_decoder
@pytest.mark.parametrize(
    "change",
    [
        lambda array: np.concatenate([array, array]),
        lambda array: array.transpose(0, 2, 1),
        lambda array: array[:, :-1, :-1],
    ],
    ids=["two pictures", "transposed", "cut"],
)
def test_tensors_of_another_shape(decoder: Decoder, change: Callable[[Any], Any]) -> None:
    results = made_outputs(decoder, 0)
    role = {"detr": "boxes", "ssd": "boxes"}.get(decoder, "")
    results[role] = np.ascontiguousarray(change(results[role]))
    with pytest.raises(TensorError, match=f"decoder '{decoder}' needs outputs"):
        detect(decoder, results)


@pytest.mark.parametrize("decoder", ["yolov8", "end_to_end", "ssd"])
def test_logits_are_no_scores(decoder: Decoder) -> None:
    results = made_outputs(decoder, 0)
    where: dict[str, tuple[str, Any]] = {
        "yolov8": ("", np.s_[:, 4:]),
        "end_to_end": ("", np.s_[:, :, 4]),
        "ssd": ("scores", np.s_[:]),
    }
    role, part = where[decoder]
    results[role][part] *= 20
    with pytest.raises(TensorError, match=r"scores lie in .* not in 0…1"):
        detect(decoder, results)


@pytest.mark.parametrize("decoder", ["end_to_end", "ssd"])
@pytest.mark.parametrize("number", [-1, 3, 1.5, 1e9])
def test_class_numbers_that_cannot_be(decoder: Decoder, number: float) -> None:
    results = made_outputs(decoder, 0)
    numbers = results["classes"] if decoder == "ssd" else results[""][:, :, 5]
    numbers[:] = number
    with pytest.raises(TensorError, match=r"class id .* the manifest's go from 0 to 2"):
        detect(decoder, results)


@pytest.mark.parametrize("count", [-1, 121, 2.5])
def test_counts_that_cannot_be(count: float) -> None:
    results = made_outputs("ssd", 0)
    results["count"][:] = count
    with pytest.raises(TensorError, match="there are 120 rows"):
        detect("ssd", results)


def test_detr_with_too_few_columns_for_its_class_ids() -> None:
    with pytest.raises(TensorError, match="K = 6 or more"):
        detect("detr", made_outputs("detr", 0), SPARSE)


@every_decoder
def test_a_manifest_says_which_tensors_its_decoder_needs(decoder: Decoder) -> None:
    for role in SHAPES[decoder]:
        wrong = {**SHAPES[decoder], role: (1, 2, 3, 4)}
        with pytest.raises(ValueError, match=f"decoder '{decoder}' needs outputs .*C = 3"):
            made_manifest(decoder, shapes=wrong)
    with pytest.raises(ValueError, match=r"but they are scores \(1, 9\)"):
        made_manifest(decoder, shapes={"scores": (1, 9)})


def test_a_manifest_wants_queries_to_agree() -> None:
    with pytest.raises(ValueError, match="needs outputs"):
        made_manifest("detr", shapes={"logits": (1, 300, 3), "boxes": (1, 100, 4)})


@pytest.mark.parametrize("class_ids", [(1, 2), (1, 2, 2), (1, 2, 3, 4), "coco-91", "coco", ""])
def test_class_ids_name_every_class_once(class_ids: tuple[int, ...] | str) -> None:
    with pytest.raises(ValueError, match="class_ids"):
        made_manifest("ssd", class_ids)


def test_class_ids_are_not_for_every_decoder() -> None:
    with pytest.raises(ValueError, match="class_ids goes with"):
        made_manifest("yolov8", SPARSE)
