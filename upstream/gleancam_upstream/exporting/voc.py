"""Pascal VOC: an XML file for each picture.

JPEGImages/…                       the pictures
Annotations/….xml                  size and objects
ImageSets/Main/<split>.txt         the names of a split's pictures
labelmap.txt                       the classes, in the form that CVAT and Datumaro read
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import final
from xml.etree import ElementTree as ET

import numpy as np

from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.colour import colour
from gleancam_upstream.exporting.format import Export
from gleancam_upstream.exporting.picture import Float64Array, Picture
from gleancam_upstream.exporting.xml_file import leaf, write_xml

ANNOTATIONS, IMAGES, SETS = "Annotations", "JPEGImages", "ImageSets/Main"


@final
class PascalVoc:
    """Whole pixels, counted from 1 with both ends in the box, as the VOC devkit does.

    With `zero_based` the numbers are corners on pixel borders, from 0, as several readers take
    them; either way a box is at least a pixel wide and high.
    """

    name = "voc"
    carries: frozenset[str] = frozenset()

    def __init__(self, *, zero_based: bool = False) -> None:
        self._first = 0 if zero_based else 1

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies."""
        return PurePosixPath(IMAGES, picture.file_name)

    def as_read(self, picture: Picture) -> Float64Array:
        """Return the corners on whole pixels."""
        edges = np.floor(picture.corners + 0.5)
        low = np.minimum(edges[:, :2], picture.size[:2] - 1)
        return np.hstack((low, np.maximum(edges[:, 2:], low + 1)))

    def class_as_read(self, name: str) -> str:
        """Return the name without what `labelmap.txt` takes for its own."""
        return name.replace(":", "-").strip().lstrip("#").strip() or "-"

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write annotations, sets and the label map."""
        self._check(export)
        for place in (ANNOTATIONS, SETS):
            (folder / place).mkdir(parents=True)
        for split in export.splits:
            stems = []
            for picture in export.of(split):
                write_xml(folder / ANNOTATIONS / f"{picture.stem}.xml", self._annotation(picture))
                stems.append(f"{picture.stem}\n")
                advance()
            (folder / SETS / f"{split}.txt").write_text("".join(stems), encoding="ascii")
        (folder / "labelmap.txt").write_text(self._labelmap(export), encoding="utf-8")

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return how the numbers are meant."""
        del export
        if self._first:
            return ("boxes count pixels from 1, both ends in the box; --zero-based for the others",)
        return ("boxes are corners on pixel borders, from 0",)

    def _check(self, export: Export) -> None:
        taken: dict[str, str] = {}
        for name in export.classes:
            other = taken.setdefault(self.class_as_read(name), name)
            if other != name:
                raise ExportError(
                    f"in labelmap.txt the classes {other!r} and {name!r} would be one",
                    cure="rename one of them in the ontology, or choose another format",
                )

    def _annotation(self, picture: Picture) -> ET.Element:
        root = ET.Element("annotation")
        leaf(root, "folder", IMAGES)
        leaf(root, "filename", picture.file_name)
        size = ET.SubElement(root, "size")
        for name, value in (("width", picture.width), ("height", picture.height), ("depth", 3)):
            leaf(size, name, str(value))
        leaf(root, "segmented", "0")
        boxes = self.as_read(picture).astype(int)
        boxes[:, :2] += self._first
        for label, box in zip(picture.labels, boxes.tolist(), strict=True):
            self._object(root, label.class_name, box)
        return root

    def _object(self, root: ET.Element, class_name: str, box: list[int]) -> None:
        element = ET.SubElement(root, "object")
        leaf(element, "name", self.class_as_read(class_name))
        leaf(element, "pose", "Unspecified")
        for name in ("truncated", "difficult", "occluded"):
            leaf(element, name, "0")
        bounds = ET.SubElement(element, "bndbox")
        for name, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
            leaf(bounds, name, str(value))

    def _labelmap(self, export: Export) -> str:
        rows = ["# label:color_rgb:parts:actions\n"]
        for place, name in enumerate(export.classes):
            red, green, blue = colour(place)
            rows.append(f"{self.class_as_read(name)}:{red},{green},{blue}::\n")
        return "".join(rows)
