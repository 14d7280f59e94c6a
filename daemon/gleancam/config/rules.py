"""What one key's type cannot say: rules between the keys of a document.

They look at the decoded document, not at `Config`, so that they are reported together with
whatever else is wrong. A part that does not convert is passed over: `shape.py` has said why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gleancam.config.bandwidth import bandwidth_problems
from gleancam.config.keys import Models, Mqtt, Polygon
from gleancam.config.label_keys import Labels
from gleancam.config.label_rules import label_problems
from gleancam.config.problem import Problem, show
from gleancam.config.scalars import Point
from gleancam.config.selection_keys import Novelty, Selection
from gleancam.config.selection_rules import selection_problems
from gleancam.wire.topics import INGEST
from gleancam_engines.opening import able, possible

T = TypeVar("T")

MIN_AREA = 1e-6
"""Of a polygon, as a share of the frame: about a pixel at 720p. A smaller one masks nothing."""


def rule_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what is wrong between keys.

    Yields:
        Duplicate ids, polygons that enclose nothing, a missing or second sink, halves of pairs.
    """
    cameras = _tables(document.get("cameras"))
    yield from _device_name(document)
    yield from _duplicate_ids(cameras)
    yield from _sinks(document)
    for index, camera in enumerate(cameras):
        yield from _polygons(camera, f"cameras[{index}]")
        yield from _device(camera, f"cameras[{index}]")
    if (mqtt := _sound(document.get("mqtt"), Mqtt)) is not None:
        yield from _mqtt(mqtt)
        yield from bandwidth_problems(mqtt, _sound(document.get("selection"), Selection))
    yield from _novelty(document.get("selection"))
    if (models := _sound(document.get("models"), Models)) is not None:
        yield from _models(models)
    selection = _sound(document.get("selection"), Selection)
    if selection is not None:
        known = [str(camera.get("id", "")) for camera in cameras]
        yield from selection_problems(selection, models or Models(), known)
    if (labels := _sound(document.get("labels"), Labels)) is not None:
        yield from _labels(labels, document)


def _labels(labels: Labels, document: Mapping[str, Any]) -> Iterator[Problem]:
    models = _sound(document.get("models", {}), Models)
    selection = _sound(document.get("selection", {}), Selection)
    if models is not None and selection is not None:
        yield from label_problems(labels, models, selection.zero_shot)


def _tables(value: Any) -> list[dict[str, Any]]:
    """Return an array of tables with an empty one where an item is no table."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {} for item in items]


def _sound(value: Any, kind: type[T]) -> T | None:
    """Convert `value`; None when it is absent or `shape.py` has complained about it."""
    try:
        return None if value is None else msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def _device_name(document: Mapping[str, Any]) -> Iterator[Problem]:
    if document.get("device") == INGEST:
        yield Problem("device", repr(INGEST), "is taken: consumers' topics stand there")


def _duplicate_ids(cameras: list[dict[str, Any]]) -> Iterator[Problem]:
    for camera_id, count in Counter(str(camera.get("id", "")) for camera in cameras).items():
        if camera_id and count > 1:
            what = f"is the id of {count} cameras"
            yield Problem("cameras", f'"{camera_id}"', what, "give each its own")


def _sinks(document: Mapping[str, Any]) -> Iterator[Problem]:
    if "mqtt" not in document and "directory" not in document:
        yield Problem("mqtt", "", "is missing", "add [mqtt], or [directory] without a broker")
    if "mqtt" in document and "directory" in document:
        yield Problem("directory", "{…}", "stands beside [mqtt]", "keep one of the two")


def _polygons(camera: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for kind in ("mask", "ignore"):
        for index, table in enumerate(_tables(camera.get(kind))):
            polygon = _sound(table, Polygon)
            if polygon is not None and _area(polygon.polygon) < MIN_AREA:
                where = f"{path}.{kind}[{index}].polygon"
                yield Problem(where, show(where, table["polygon"]), "encloses nothing")


def _device(camera: Mapping[str, Any], path: str) -> Iterator[Problem]:
    device = camera.get("device")
    if isinstance(device, str) and ".." in Path(device).parts:
        yield Problem(f"{path}.device", repr(device), "must not hold `..`")


def _area(polygon: tuple[Point, ...]) -> float:
    """Area by the shoelace formula, as a share of the frame."""
    following = (*polygon[1:], polygon[0])
    pairs = zip(polygon, following, strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def _mqtt(mqtt: Mqtt) -> Iterator[Problem]:
    if mqtt.password_file and not mqtt.username_file:
        yield Problem("mqtt.username_file", "", "is missing", "password_file needs it")
    if mqtt.tls is not None and bool(mqtt.tls.certificate) != bool(mqtt.tls.key):
        missing = "key" if mqtt.tls.certificate else "certificate"
        yield Problem(f"mqtt.tls.{missing}", "", "is missing", "certificate and key go together")


def _novelty(selection: Any) -> Iterator[Problem]:
    table = selection.get("novelty") if isinstance(selection, dict) else None
    novelty = _sound(table, Novelty)
    if novelty is None or novelty.ceiling is None:
        return
    if novelty.ceiling <= novelty.threshold:
        what = f"must be above selection.novelty.threshold ({novelty.threshold})"
        yield Problem("selection.novelty.ceiling", str(novelty.ceiling), what, "nothing is novel")


def _models(models: Models) -> Iterator[Problem]:
    for name, count in Counter(models.detectors).items():
        if count > 1:
            yield Problem("models.detectors", f'"{name}"', f"is named {count} times")
    if models.raw_confidence > models.confidence:
        what = f"must not be above models.confidence ({models.confidence})"
        yield Problem("models.raw_confidence", str(models.raw_confidence), what)
    others = able(models.precision)
    if not set(possible(models.backend)) & set(others):
        what = f"is not what backend {models.backend} computes in"
        cure = " or ".join(f'backend = "{name}"' for name in others)
        yield Problem("models.precision", f'"{models.precision}"', what, f"set {cure}")
