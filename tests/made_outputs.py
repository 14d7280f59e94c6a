"""Outputs such as detectors give, in each layout: some objects, each seen many times, and noise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.manifest import Manifest, Preprocess, Tensor
from gleancam_engines.manifest_sources import FileSource, ModelFile
from gleancam_engines.pictures import HostPictures
from scripted_engine import Scripted, looking

Decoder: TypeAlias = Literal["yolov8", "end_to_end", "detr", "ssd"]
Floats: TypeAlias = npt.NDArray[np.float32]
DECODERS: tuple[Decoder, ...] = ("yolov8", "end_to_end", "detr", "ssd")
WIDTH, HEIGHT = 128, 96
CLASSES = ("person", "car", "bus")
SPARSE = (1, 2, 5)
"""Class numbers with a leading background and a gap."""

SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "yolov8": {"": (1, 7, -1)},
    "end_to_end": {"": (1, -1, 6)},
    "detr": {"logits": (1, -1, -1), "boxes": (1, -1, 4)},
    "ssd": {"scores": (1, -1), "boxes": (1, -1, 4), "count": (1,), "classes": (1, -1)},
}


@dataclass(frozen=True)
class Fitting:
    """How a manifest says pictures are put into the input."""

    mode: Literal["squash", "letterbox"] = "letterbox"
    anchor: Literal["corner", "centre"] = "centre"


def made_manifest(
    decoder: Decoder,
    class_ids: tuple[int, ...] | str = (),
    fitting: Fitting | None = None,
    shapes: dict[str, tuple[int, ...]] | None = None,
    classes: tuple[str, ...] = CLASSES,
    batch: int = 1,
) -> Manifest:
    fitting = fitting or Fitting()
    outputs: Any = (shapes or SHAPES[decoder]).items()
    return Manifest(
        name="made",
        task="detect",
        summary="",
        licence="",
        homepage="",
        decoder=decoder,
        files=(ModelFile("none", (FileSource("none"),), hashlib.sha256(b"").hexdigest(), 1),),
        inputs=(Tensor("image", "float32", (batch, 3, HEIGHT, WIDTH)),),
        outputs=tuple(Tensor(f"out_{role}", "float32", shape, role) for role, shape in outputs),
        preprocess=Preprocess(HEIGHT, WIDTH, fitting.mode, anchor=fitting.anchor),
        classes=classes,
        class_ids=class_ids,
    )


def scripted(manifest: Manifest, results: dict[str, npt.NDArray[Any]]) -> HostPictures:
    """Return a model that gives these results, named by their roles, whatever it sees."""
    named = {f"out_{role}": array for role, array in results.items()}
    return looking(Scripted(manifest, named), manifest)


def made_outputs(decoder: Decoder, seed: int, count: int = 120) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    centred, numbers, score = _seen(rng, count)
    x1, y1 = (centred[:, :2] - centred[:, 2:] / 2).T
    x2, y2 = (centred[:, :2] + centred[:, 2:] / 2).T
    if decoder == "yolov8":
        scores = rng.uniform(0, 0.1, (3, count))
        scores[numbers, np.arange(count)] = score
        return {"": _floats(np.concatenate([centred.T, scores])[np.newaxis])}
    if decoder == "end_to_end":
        return {"": _floats(np.stack([x1, y1, x2, y2, score, numbers], 1)[np.newaxis])}
    if decoder == "detr":
        logits = rng.normal(-4, 1, (count, 3))
        logits[np.arange(count), numbers] = np.log(score / (1 - score))
        boxes = centred / [WIDTH, HEIGHT, WIDTH, HEIGHT]
        return {"logits": _floats(logits[np.newaxis]), "boxes": _floats(boxes[np.newaxis])}
    shares = np.stack([y1 / HEIGHT, x1 / WIDTH, y2 / HEIGHT, x2 / WIDTH], 1)
    made = {
        "boxes": shares[np.newaxis],
        "classes": numbers[np.newaxis],
        "scores": score[np.newaxis],
    }
    return {role: _floats(array) for role, array in {**made, "count": np.array([count])}.items()}


def _seen(rng: np.random.Generator, count: int) -> tuple[Any, Any, Any]:
    """Return centred boxes, class numbers and distinct scores, some boxes half out of the input."""
    objects = rng.uniform([0, 0, 10, 10], [WIDTH, HEIGHT, 70, 60], (8, 4))
    which = rng.integers(0, len(objects), count)
    centred = objects[which] + rng.normal(0, 1.5, (count, 4))
    numbers = rng.permutation(which % 3) if rng.random() < 0.2 else which % 3
    return centred, numbers, rng.permutation(np.linspace(0.02, 0.98, count))


def _floats(array: npt.NDArray[Any]) -> Floats:
    return np.ascontiguousarray(array, np.float32)
