"""FiftyOne's `FiftyOneImageDetectionDataset`, one for each split.

<split>/labels.json   classes, and for each picture its detections
<split>/data/…
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, final

from gleancam_upstream.exporting.facts import LABEL_FACTS, label_facts
from gleancam_upstream.exporting.format import Export
from gleancam_upstream.exporting.json_file import write_json
from gleancam_upstream.exporting.picture import (
    BoxLabel,
    Float64Array,
    Picture,
    with_corners,
    with_extent,
)

SHARE_DECIMALS = 6


@final
class FiftyOne:
    """Boxes as shares, (x1, y1, width, height); a picture without objects has an empty list."""

    name = "fiftyone"
    carries = LABEL_FACTS

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies."""
        return PurePosixPath(picture.split, "data", picture.file_name)

    def as_read(self, picture: Picture) -> Float64Array:
        """Return the corners after rounding shares to 1e-6."""
        return with_corners(with_extent(picture.shares, SHARE_DECIMALS)) * picture.size

    def class_as_read(self, name: str) -> str:
        """Return the name itself."""
        return name

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write the labels of every split."""
        numbers = {name: number for number, name in enumerate(export.classes)}
        for split in export.splits:
            labels = {}
            for picture in export.of(split):
                labels[picture.stem] = _detections(picture, numbers)
                advance()
            content = {"classes": export.classes, "labels": labels}
            write_json(folder / split / "labels.json", content)

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return how to load it."""
        kind = "dataset_type=fiftyone.types.FiftyOneImageDetectionDataset"
        folder = f"{export.name}/{export.splits[0]}"
        return (f'load a split: fiftyone.Dataset.from_dir("{folder}", {kind})',)


def _detections(picture: Picture, numbers: dict[str, int]) -> list[dict[str, Any]]:
    extents = with_extent(picture.shares, SHARE_DECIMALS).tolist()
    return [
        {
            "label": numbers[label.class_name],
            "bounding_box": box,
            "confidence": label.score,
            "attributes": _attributes(picture, label),
        }
        for label, box in zip(picture.labels, extents, strict=True)
    ]


def _attributes(picture: Picture, label: BoxLabel) -> dict[str, Any]:
    """Each becomes a field of the detection; what is not known is left out, which is none there."""
    flat = {"sample_id": picture.sample_id, **label_facts(picture, label)}
    return {name: value for name, value in flat.items() if value is not None}
