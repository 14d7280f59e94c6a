"""Decoders on outputs of real models, against what other people's software found in them.

tests/record_outputs made the recordings and says by what; the photographs are COCO val2017's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from gleancam_engines import catalogue
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.loading import DECODERS
from gleancam_engines.detectors.nms import pairwise_iou
from gleancam_engines.manifest import Manifest, Preprocess, Tensor, load
from gleancam_engines.vocabularies import CLASS_IDS, COCO_80
from made_outputs import SHAPES, Decoder, made_manifest
from made_planes import HD, flat
from scripted_engine import Scripted, looking

Mode: TypeAlias = Literal["squash", "letterbox"]

RECORDED = Path(__file__).parent / "recorded_outputs"
CATALOGUED = {"yolox": "yolox-nano", "picodet": "picodet-416"}
OF_ONES_OWN: Mapping[str, tuple[Decoder, int, Mode, str]] = {
    "yolov8": ("yolov8", 640, "letterbox", ""),
    "end_to_end": ("end_to_end", 640, "letterbox", ""),
    "ssd": ("ssd", 448, "squash", "coco-90"),
    "rt-detr": ("detr", 640, "squash", ""),
    "d-fine": ("detr", 640, "squash", ""),
    "rf-detr": ("detr", 560, "squash", "coco-91"),
}
"""Decoder, side of the input, how a picture is put into it, class numbers."""

TRAINED = ("yolox", "picodet", "yolov8", "end_to_end", "ssd")
STREET = "000000423617"
"""Two buses beyond some cars; what COCO's annotators drew around the nearer bus."""
BUS = (150.3, 118.2, 442.4, 339.4)


@dataclass(frozen=True)
class Recording:
    """One photograph of one model, as tests/record_outputs/recording.py wrote it."""

    frame: tuple[int, int]
    outputs: Mapping[str, npt.NDArray[np.float32]]
    found: npt.NDArray[np.float32]


def recordings(name: str) -> tuple[float, dict[str, Recording]]:
    """Return the least score that counted, and the photographs by name."""
    with np.load(RECORDED / f"{name}.npz", allow_pickle=False) as file:
        arrays = dict(file)
    least = json.loads(str(arrays.pop("about")))["least"]
    return least, {key.split("/")[0]: recording(arrays, key.split("/")[0]) for key in arrays}


def recording(arrays: Mapping[str, Any], photograph: str) -> Recording:
    width, height = arrays[f"{photograph}/frame"].tolist()
    start = f"{photograph}/output/"
    outputs = {key.removeprefix(start): arrays[key] for key in arrays if key.startswith(start)}
    return Recording((width, height), outputs, arrays[f"{photograph}/found"])


def manifest_of(name: str) -> Manifest:
    """Return the catalogue's manifest, or one as somebody would write it for the model."""
    if name in CATALOGUED:
        return load(catalogue.find(CATALOGUED[name]))
    decoder, side, mode, ids = OF_ONES_OWN[name]
    shapes: dict[str, tuple[int, ...]] = SHAPES[decoder]
    if decoder == "yolov8":
        shapes = {"": (1, 84, -1)}
    made = made_manifest(decoder, ids or (), shapes=shapes, classes=COCO_80)
    tensor = msgspec.structs.replace(made.inputs[0], shape=(1, 3, side, side))
    spec = Preprocess(side, side, mode, anchor="centre")
    return msgspec.structs.replace(made, inputs=(tensor,), preprocess=spec)


def seen(manifest: Manifest, given: Recording, least: float) -> Detections:
    roles: dict[str, Tensor] = {tensor.role: tensor for tensor in manifest.outputs}
    if manifest.decoder == "picodet":  # its two outputs are told apart by their order
        roles = dict(zip(("", "count"), manifest.outputs, strict=True))
    results = {
        roles[role].name: array.astype(roles[role].dtype) for role, array in given.outputs.items()
    }
    pictures = looking(Scripted(manifest, results), manifest)
    width, height = given.frame
    detector = DECODERS[manifest.decoder](pictures, manifest, least)
    return detector.detect(flat(height, width, (90, 128, 128), HD))


def named(given: Recording, ids: str) -> npt.NDArray[np.float32]:
    """Return what others found, best first, its classes as indices of the names.

    Boxes are cut at the border, which not everybody does. Numbers in a gap of COCO's are dropped:
    only a model of random weights gives any.
    """
    found = given.found[np.argsort(-given.found[:, 0], kind="stable")]
    found[:, 2:] = np.clip(found[:, 2:], 0, given.frame * 2)
    found = found[(found[:, 4:] > found[:, 2:4]).all(axis=1)]
    if not ids:
        return found
    numbers = list(CLASS_IDS[ids])
    found = found[np.isin(found[:, 1], numbers)]
    found[:, 1] = [numbers.index(int(number)) for number in found[:, 1]]
    return found


CASES = [
    (name, photograph)
    for name in (*CATALOGUED, *OF_ONES_OWN)
    for photograph in sorted(recordings(name)[1])
]


@pytest.mark.parametrize(("name", "photograph"), CASES)
def test_finds_what_others_found(name: str, photograph: str) -> None:
    manifest = manifest_of(name)
    least, photographs = recordings(name)
    given = photographs[photograph]
    found = seen(manifest, given, least)
    others = named(given, OF_ONES_OWN[name][3] if name in OF_ONES_OWN else "")
    assert len(others) > 9
    assert found.class_id.tolist() == others[:, 1].astype(int).tolist()
    np.testing.assert_allclose(found.score, others[:, 0], atol=1e-6)
    np.testing.assert_allclose(found.xyxy, others[:, 2:], atol=tolerance(name, given))


def tolerance(name: str, given: Recording) -> float:
    """Return pixels: of float32's rounding; MediaPipe cuts both corner and size to whole ones."""
    return 2 * max(given.frame) / 448 if name == "ssd" else 1e-3


@pytest.mark.parametrize("name", TRAINED)
def test_sees_the_bus_as_annotated(name: str) -> None:
    """What two decoders could get wrong together: y for x, the names' order, the letterbox."""
    given = recordings(name)[1][STREET]
    found = seen(manifest_of(name), given, 0.5)
    buses = found.xyxy[found.class_id == COCO_80.index("bus")]
    assert pairwise_iou(np.array([BUS], np.float32), buses).max() > 0.9
