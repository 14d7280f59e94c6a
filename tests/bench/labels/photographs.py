"""Photographs with what is on them: folders of files, each with annotations in COCO's form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from bench.cache import of_file
from gleancam_engines.vocabularies import COCO_80

Document: TypeAlias = dict[str, Any]
"""A COCO file's content: `images`, `annotations` and `categories`."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """One file; width and height in pixels, as annotated."""

    id: int
    file: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Truth:
    """All photographs of a run, numbered anew from 1, and what is on them.

    Attributes:
        document: numbers and names are those of `photographs` and `names`.
        names: classes; the category id of a class is its place, from 1.
    """

    photographs: tuple[Photograph, ...]
    document: Document
    names: tuple[str, ...]

    @property
    def objects(self) -> int:
        """How many there are, crowds apart."""
        return sum(not one["iscrowd"] for one in self.document["annotations"])


def read(folders: Iterable[tuple[Path, Path]]) -> Truth:
    """Read pairs of a folder and its annotations as one; a file that comes twice counts once."""
    loaded = [(folder, json.loads(file.read_text())) for folder, file in folders]
    names = _names(document for _, document in loaded)
    numbers, known = count(1), set[str]()
    photographs: list[Photograph] = []
    annotations: list[Document] = []
    for folder, document in loaded:
        fresh = _photographs(folder, document, numbers, known)
        photographs += fresh.values()
        annotations += _annotations(document, fresh, names)
    for number, one in enumerate(annotations, 1):  # pycocotools takes a match with id 0 for none
        one["id"] = number
    return Truth(tuple(photographs), _document(photographs, annotations, names), names)


def _names(documents: Iterable[Document]) -> tuple[str, ...]:
    """Classes of the detectors, then others, which nobody can find."""
    others = {one["name"] for document in documents for one in document["categories"]}
    return (*COCO_80, *sorted(others - set(COCO_80)))


def _photographs(
    folder: Path, document: Document, numbers: Iterable[int], known: set[str]
) -> dict[int, Photograph]:
    """Return those not yet known, by their id in this document."""
    found = {}
    for one in document["images"]:
        file = folder / one["file_name"]
        if (digest := of_file(file)) not in known:
            known.add(digest)
            found[one["id"]] = Photograph(next(iter(numbers)), file, one["width"], one["height"])
    return found


def _annotations(
    document: Document, photographs: dict[int, Photograph], names: Sequence[str]
) -> list[Document]:
    category = {one["id"]: names.index(one["name"]) + 1 for one in document["categories"]}
    return [
        {
            "image_id": photographs[one["image_id"]].id,
            "category_id": category[one["category_id"]],
            "bbox": one["bbox"],
            "area": one.get("area", one["bbox"][2] * one["bbox"][3]),
            "iscrowd": one.get("iscrowd", 0),
        }
        for one in document["annotations"]
        if one["image_id"] in photographs
    ]


def _document(
    photographs: Sequence[Photograph], annotations: Sequence[Document], names: Sequence[str]
) -> Document:
    return {
        "images": [{"id": one.id, "width": one.width, "height": one.height} for one in photographs],
        "annotations": list(annotations),
        "categories": [{"id": at, "name": name} for at, name in enumerate(names, 1)],
    }
