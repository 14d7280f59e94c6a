"""Label Studio: tasks with predictions, and the labelling configuration that goes with them.

    tasks/<split>.json   a list of tasks, to be imported
    config.xml           the `<View>` to set in the project
    images/<split>/…     to be served as local files

An annotator is served the lowest prediction score first, so the score is 1 - informativeness.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from gleancam_upstream.exporting.colour import hex_colour
from gleancam_upstream.exporting.format import Export
from gleancam_upstream.exporting.json_file import write_json
from gleancam_upstream.exporting.picture import (
    Float64Array,
    Picture,
    with_corners,
    with_extent,
)

PERCENT_DECIMALS = 4
FROM, TO = "label", "image"


@final
class LabelStudio:
    """Boxes in percent; what orders the review lies under `data`, where it can be sorted by."""

    name = "label-studio"
    carries = frozenset({"score", "release", "captured"})

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies."""
        return PurePosixPath("images", picture.split, picture.file_name)

    def as_read(self, picture: Picture) -> Float64Array:
        """Return the corners after rounding percents to 1e-4."""
        return with_corners(_percents(picture)) / 100 * picture.size

    def class_as_read(self, name: str) -> str:
        """Return the name itself."""
        return name

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write tasks and configuration."""
        for split in export.splits:
            tasks = []
            for picture in export.of(split):
                place = f"{export.name}/{self.image_path(picture)}"
                tasks.append(_task(picture, f"/data/local-files/?d={quote(place)}"))
                advance()
            write_json(folder / "tasks" / f"{split}.json", tasks)
        (folder / "config.xml").write_text(view(export.classes), encoding="utf-8")

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return the configuration and the model version to set in the project."""
        return (
            f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT: the folder that holds {export.name}",
            *(f"model_version: {release}" for release in export.releases),
            "labelling configuration (config.xml):",
            view(export.classes),
        )


def view(classes: tuple[str, ...]) -> str:
    """Return the `<View>` of a project with these classes: no XML declaration, it is not taken."""
    root = ET.Element("View")
    ET.SubElement(root, "Image", name=TO, value="$image")
    labels = ET.SubElement(root, "RectangleLabels", name=FROM, toName=TO)
    for place, name in enumerate(classes):
        ET.SubElement(labels, "Label", value=name, background=hex_colour(place))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _percents(picture: Picture) -> Float64Array:
    """`(N, 4)` of (x1, y1, width, height) in percent, rounded."""
    percents: Float64Array = with_extent(picture.shares * 100, PERCENT_DECIMALS)
    return percents


def _task(picture: Picture, url: str) -> dict[str, Any]:
    labels = picture.labels
    return {
        "data": {
            "image": url,
            "sample_id": picture.sample_id,
            "camera": picture.camera,
            "captured": picture.captured,
            "bald": _highest([label.bald for label in labels]),
            "risk": _highest([label.risk for label in labels]),
            "confidence": min((label.score for label in labels), default=None),
            "novelty": picture.novelty,
            "informativeness": picture.informativeness,
        },
        "predictions": [
            {
                "model_version": picture.release,
                "score": round(1 - picture.informativeness, 4),
                "result": _regions(picture),
            }
        ],
    }


def _highest(values: list[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _regions(picture: Picture) -> list[dict[str, Any]]:
    boxes = _percents(picture).tolist()
    return [
        {
            "id": f"{picture.sample_id}-{place}",
            "from_name": FROM,
            "to_name": TO,
            "type": "rectanglelabels",
            "original_width": picture.width,
            "original_height": picture.height,
            "image_rotation": 0,
            "score": label.score,
            "value": {
                **dict(zip(("x", "y", "width", "height"), box, strict=True)),
                "rotation": 0,
                "rectanglelabels": [label.class_name],
            },
        }
        for place, (label, box) in enumerate(zip(picture.labels, boxes, strict=True))
    ]
