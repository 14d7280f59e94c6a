"""What each detector sees in each photograph, and how long it looks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench.cache import key, of_file, remembered
from bench.labels.members import RAW_CONFIDENCE, Model
from bench.labels.photographs import Photograph
from gleancam_engines.detectors.base import Detector
from gleancam_engines.photographs import decode_photograph
from gleancam_engines.planes import Planes
from gleancam_engines.voting.evidence import Evidence, evidence_of

_ENGINES = Path("engines/gleancam_engines")
_TIMED = 25
_WARM_UP = 3


def seen(
    model: Model, photographs: Sequence[Photograph], tick: Callable[[], None]
) -> tuple[Evidence, ...]:
    """Return the raw boxes in every photograph; computed once for a model, file and code."""
    detector = cache(model.open)
    found = []
    for photograph in photographs:
        name = _name(model, photograph)
        numbers = remembered(name, lambda: _numbers(detector(), planes(photograph)))  # noqa: B023 # called at once
        found.append(_evidence(model, numbers))
        tick()
    return tuple(found)


def planes(photograph: Photograph) -> Planes:
    """Decode it as the product does."""
    return decode_photograph(photograph.file.read_bytes(), str(photograph.file))


def milliseconds(models: Sequence[Model], photographs: Sequence[Photograph]) -> Mapping[str, float]:
    """Return the median of each detector, decoding of the file excluded.

    All look at one photograph after the other in turn, at 25 that are evenly spread.
    """
    count = min(len(photographs), _TIMED)
    pictures = [planes(photographs[at * len(photographs) // count]) for at in range(count)]
    detectors = [(model.name, model.open()) for model in models]
    taken: dict[str, list[float]] = {model.name: [] for model in models}
    for picture in (*pictures[:_WARM_UP], *pictures):
        for name, detector in detectors:
            start = time.perf_counter()
            detector.detect(picture)
            taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(each[_WARM_UP:]) for name, each in taken.items()}


def _name(model: Model, photograph: Photograph) -> str:
    manifest = msgspec.json.encode(model.manifest).decode()
    return key("detections", manifest, str(RAW_CONFIDENCE), of_file(photograph.file), _code())


@cache
def _code() -> str:
    """Of everything between file and boxes; voting is not."""
    files = sorted(file for file in _ENGINES.rglob("*.py") if "voting" not in file.parts)
    return key(*(of_file(file) for file in files))


def _numbers(detector: Detector, picture: Planes) -> dict[str, Any]:
    found = evidence_of(detector.detect(picture), picture.width, picture.height)
    return {
        "xyxy": found.xyxy.tolist(),
        "score": found.score.tolist(),
        "class_id": found.class_id.tolist(),
    }


def _evidence(model: Model, numbers: Mapping[str, Any]) -> Evidence:
    return Evidence(
        model.manifest.model_id,
        model.manifest.class_names,
        np.array(numbers["xyxy"], np.float64).reshape(-1, 4),
        np.array(numbers["score"], np.float64),
        np.array(numbers["class_id"], np.int32),
    )
