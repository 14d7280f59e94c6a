"""COCO: one JSON for each split, and the same boxes in the results form of its evaluator.

annotations/instances_<split>.json   images, annotations, categories
results/<split>.json                 image_id, category_id, bbox, score
images/<split>/…
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, final

from gleancam_upstream.exporting.facts import LABEL_FACTS, UNCERTAINTY, label_facts
from gleancam_upstream.exporting.format import Export
from gleancam_upstream.exporting.json_file import write_json
from gleancam_upstream.exporting.picture import (
    PIXEL_DECIMALS,
    BoxLabel,
    Float64Array,
    Picture,
    with_extent,
)

Json = dict[str, Any]


@final
class Coco:
    """Categories from 1; ids of pictures and annotations are unique over the whole export."""

    name = "coco"
    carries = LABEL_FACTS | {"captured", "scene"}

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies."""
        return PurePosixPath("images", picture.split, picture.file_name)

    def as_read(self, picture: Picture) -> Float64Array:
        """Return the corners: nothing is lost at 1e-4 pixels."""
        return picture.corners

    def class_as_read(self, name: str) -> str:
        """Return the name itself."""
        return name

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write both forms of every split."""
        numbers = {name: number for number, name in enumerate(export.classes, 1)}
        categories = [
            {"id": number, "name": name, "supercategory": ""} for name, number in numbers.items()
        ]
        image_ids, annotation_ids = count(1), count(1)
        for split in export.splits:
            images: list[Json] = []
            annotations: list[Json] = []
            for picture in export.of(split):
                image_id = next(image_ids)
                images.append(_image(picture, image_id))
                annotations += _annotations(picture, image_id, numbers, annotation_ids)
                advance()
            content = {
                "info": {"description": export.name, "releases": export.releases},
                "licenses": [],
                "images": images,
                "annotations": annotations,
                "categories": categories,
            }
            write_json(folder / "annotations" / f"instances_{split}.json", content)
            write_json(folder / "results" / f"{split}.json", list(map(_result, annotations)))

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return nothing: every reader of COCO knows what to do."""
        del export
        return ()


def _image(picture: Picture, image_id: int) -> Json:
    return {
        "id": image_id,
        "file_name": picture.file_name,
        "width": picture.width,
        "height": picture.height,
        "date_captured": picture.captured,
        "sample_id": picture.sample_id,
        "camera": picture.camera,
        "scene": picture.scene,
    }


def _annotations(
    picture: Picture, image_id: int, numbers: dict[str, int], ids: Iterator[int]
) -> Iterator[Json]:
    extents = with_extent(picture.corners, PIXEL_DECIMALS)
    for label, bbox in zip(picture.labels, extents.tolist(), strict=True):
        yield {
            "id": next(ids),
            "image_id": image_id,
            "category_id": numbers[label.class_name],
            "bbox": bbox,
            "area": round(bbox[2] * bbox[3], PIXEL_DECIMALS),
            "iscrowd": 0,
            "segmentation": [],
            "score": label.score,
            "attributes": _attributes(picture, label),
        }


def _attributes(picture: Picture, label: BoxLabel) -> Json:
    flat = label_facts(picture, label)
    uncertainty = {name: flat.pop(name) for name in UNCERTAINTY}
    return {"sample_id": picture.sample_id, **flat, "uncertainty": uncertainty}


def _result(annotation: Json) -> Json:
    return {name: annotation[name] for name in ("image_id", "category_id", "bbox", "score")}
