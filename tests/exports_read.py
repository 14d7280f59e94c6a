"""Exports read back by the formats' documents, with nothing of ours: what a reader gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

Corners = tuple[float, float, float, float]


@dataclass
class Read:
    """One picture as it was read.

    Attributes:
        boxes: (class, corners in pixels, score or None).
    """

    split: str
    path: Path
    boxes: list[tuple[str, Corners, float | None]] = field(default_factory=list)


def coco(root: Path, _sizes: Mapping[str, tuple[int, int]]) -> Iterator[Read]:
    for path in sorted((root / "annotations").iterdir()):
        split = path.stem.removeprefix("instances_")
        content = json.loads(path.read_text())
        names = {one["id"]: one["name"] for one in content["categories"]}
        found = {
            one["id"]: Read(split, root / "images" / split / one["file_name"])
            for one in content["images"]
        }
        for one in content["annotations"]:
            x, y, wide, high = one["bbox"]
            corners = (x, y, x + wide, y + high)
            found[one["image_id"]].boxes.append((names[one["category_id"]], corners, one["score"]))
        yield from found.values()


def yolo(root: Path, sizes: Mapping[str, tuple[int, int]]) -> Iterator[Read]:
    names = _yolo_names((root / "data.yaml").read_text(encoding="utf-8"))
    for folder in sorted((root / "labels").iterdir()):
        scores = json.loads((root / "confidences" / f"{folder.name}.json").read_text())
        for path in sorted(folder.iterdir()):
            one = Read(folder.name, root / "images" / folder.name / f"{path.stem}.jpg")
            width, height = sizes[one.path.name]
            rows = [line.split(" ") for line in path.read_text().splitlines()]
            for row, score in zip(rows, scores[path.stem], strict=True):
                number, cx, cy, wide, high = (float(cell) for cell in row)
                corners = (
                    (cx - wide / 2) * width,
                    (cy - high / 2) * height,
                    (cx + wide / 2) * width,
                    (cy + high / 2) * height,
                )
                one.boxes.append((names[int(number)], corners, score))
            yield one


def _yolo_names(text: str) -> list[str]:
    """The strings are JSON's, but for eight-digit escapes, which none of the test's needs."""
    rows = text.partition("names:\n")[2].splitlines()
    assert [row.split(":")[0].strip() for row in rows] == [str(at) for at in range(len(rows))]
    return [json.loads(row.partition(": ")[2]) for row in rows]


def voc(first: int) -> Callable[[Path, Mapping[str, tuple[int, int]]], Iterator[Read]]:
    def read(root: Path, _sizes: Mapping[str, tuple[int, int]]) -> Iterator[Read]:
        rows = (root / "labelmap.txt").read_text(encoding="utf-8").splitlines()
        known = {row.split(":")[0] for row in rows if not row.startswith("#")}
        for listed in sorted((root / "ImageSets" / "Main").iterdir()):
            for stem in listed.read_text().splitlines():
                document = _document(root / "Annotations" / f"{stem}.xml")
                one = Read(listed.stem, root / "JPEGImages" / _text(document, "filename"))
                for found in document.iter("object"):
                    cells = [
                        int(_text(found, f"bndbox/{name}"))
                        for name in ("xmin", "ymin", "xmax", "ymax")
                    ]
                    assert _text(found, "name") in known
                    corners = (cells[0] - first, cells[1] - first, cells[2], cells[3])
                    one.boxes.append((_text(found, "name"), corners, None))
                yield one

    return read


def cvat(root: Path, _sizes: Mapping[str, tuple[int, int]]) -> Iterator[Read]:
    for path in sorted(root.glob("*/annotations.xml")):
        document = _document(path)
        assert (_text(document, "version"), _text(document, "meta/task/mode")) == (
            "1.1",
            "annotation",
        )
        declared = {
            _text(label, "name"): [_text(one, "name") for one in label.iter("attribute")]
            for label in document.iter("label")
        }
        for image in document.iter("image"):
            one = Read(path.parent.name, path.parent / "images" / image.attrib["name"])
            for box in image.iter("box"):
                left, top, right, bottom = (
                    float(box.attrib[name]) for name in ("xtl", "ytl", "xbr", "ybr")
                )
                (attribute,) = box
                assert attribute.attrib["name"] in declared[box.attrib["label"]]
                score = float(attribute.text or "nan")
                one.boxes.append((box.attrib["label"], (left, top, right, bottom), score))
            yield one


def label_studio(root: Path, _sizes: Mapping[str, tuple[int, int]]) -> Iterator[Read]:
    view = _document(root / "config.xml")
    choices = {one.attrib["value"] for one in view.iter("Label")}
    for path in sorted((root / "tasks").iterdir()):
        for task in json.loads(path.read_text()):
            place = task["data"]["image"].partition("?d=")[2].partition("/")[2]
            one = Read(path.stem, root / place)
            (prediction,) = task["predictions"]
            for region in prediction["result"]:
                one.boxes.append(_region(region))
                assert one.boxes[-1][0] in choices
            yield one


def _region(region: dict[str, Any]) -> tuple[str, Corners, float]:
    value, width, height = region["value"], region["original_width"], region["original_height"]
    (name,) = value["rectanglelabels"]
    left, top = value["x"] / 100 * width, value["y"] / 100 * height
    wide, high = value["width"] / 100 * width, value["height"] / 100 * height
    return name, (left, top, left + wide, top + high), region["score"]


def fiftyone(root: Path, sizes: Mapping[str, tuple[int, int]]) -> Iterator[Read]:
    for path in sorted(root.glob("*/labels.json")):
        content = json.loads(path.read_text())
        for uuid, detections in content["labels"].items():
            one = Read(path.parent.name, path.parent / "data" / f"{uuid}.jpg")
            width, height = sizes[one.path.name]
            for found in detections:
                x, y, wide, high = found["bounding_box"]
                corners = (x * width, y * height, (x + wide) * width, (y + high) * height)
                name = content["classes"][found["label"]]
                one.boxes.append((name, corners, found["confidence"]))
            yield one


def _document(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314 - we have just written it


def _text(element: ET.Element, place: str) -> str:
    found = element.find(place)
    assert found is not None, place
    assert found.text is not None, place
    return found.text


READERS = {
    "coco": coco,
    "yolo": yolo,
    "voc": voc(1),
    "voc-zero-based": voc(0),
    "cvat": cvat,
    "label-studio": label_studio,
    "fiftyone": fiftyone,
}
