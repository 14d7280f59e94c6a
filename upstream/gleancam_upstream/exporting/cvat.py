"""CVAT for images 1.1, annotation mode: one archive's worth for each split.

<split>/annotations.xml
<split>/images/…
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import final
from xml.etree import ElementTree as ET

import numpy as np

from gleancam_upstream.exporting.colour import hex_colour
from gleancam_upstream.exporting.format import Export
from gleancam_upstream.exporting.picture import Float64Array, Picture
from gleancam_upstream.exporting.xml_file import leaf, write_xml

PIXEL_DECIMALS = 2
EDGES = ("xtl", "ytl", "xbr", "ybr")


@final
class Cvat:
    """Two decimals, real file names, and `score` as a declared attribute of every label."""

    name = "cvat"
    carries = frozenset({"score"})

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies."""
        return PurePosixPath(picture.split, "images", picture.file_name)

    def as_read(self, picture: Picture) -> Float64Array:
        """Return the corners rounded to 0.01 pixels."""
        return np.round(picture.corners, PIXEL_DECIMALS)

    def class_as_read(self, name: str) -> str:
        """Return the name itself."""
        return name

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write a document for every split."""
        for split in export.splits:
            pictures = export.of(split)
            root = ET.Element("annotations")
            leaf(root, "version", "1.1")
            root.append(_meta(export, split, len(pictures)))
            for number, picture in enumerate(pictures):
                root.append(self._image(picture, number))
                advance()
            (folder / split).mkdir(exist_ok=True)
            write_xml(folder / split / "annotations.xml", root)

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return how to take it in."""
        folder = f"{export.name}/{export.splits[0]}"
        return (
            f"make a task of {folder}/images, with the classes of annotations.xml as its labels,",
            "each with a text attribute `score`; then upload annotations.xml as `CVAT 1.1`",
        )

    def _image(self, picture: Picture, number: int) -> ET.Element:
        image = ET.Element(
            "image",
            id=str(number),
            name=picture.file_name,
            width=str(picture.width),
            height=str(picture.height),
        )
        for label, corners in zip(picture.labels, self.as_read(picture).tolist(), strict=True):
            edges = {name: f"{value:.2f}" for name, value in zip(EDGES, corners, strict=True)}
            fixed = {"label": label.class_name, "source": "auto", "occluded": "0", "z_order": "0"}
            box = ET.SubElement(image, "box", {**fixed, **edges})
            ET.SubElement(box, "attribute", name="score").text = str(label.score)
        return image


def _meta(export: Export, split: str, count: int) -> ET.Element:
    meta = ET.Element("meta")
    task = ET.SubElement(meta, "task")
    leaf(task, "name", f"{export.name} {split}")
    leaf(task, "size", str(count))
    leaf(task, "mode", "annotation")
    leaf(task, "overlap", "0")
    leaf(task, "flipped", "False")
    labels = ET.SubElement(task, "labels")
    for place, name in enumerate(export.classes):
        labels.append(_label(name, place))
    return meta


def _label(name: str, place: int) -> ET.Element:
    """A label that declares `score`: as text, since CVAT's numbers are whole ones."""
    label = ET.Element("label")
    leaf(label, "name", name)
    leaf(label, "color", hex_colour(place))
    leaf(label, "type", "any")
    attribute = ET.SubElement(ET.SubElement(label, "attributes"), "attribute")
    leaf(attribute, "name", "score")
    leaf(attribute, "mutable", "False")
    leaf(attribute, "input_type", "text")
    leaf(attribute, "default_value", "")
    leaf(attribute, "values", "")
    return label
