from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.labels.photographs import read


def folder(
    root: Path, name: str, contents: dict[str, bytes], names: list[str]
) -> tuple[Path, Path]:
    """Write files, one object in each, and annotations that number everything from 0."""
    place = root / name
    place.mkdir()
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for at, (file, content) in enumerate(contents.items()):
        (place / file).write_bytes(content)
        images.append({"id": at, "file_name": file, "width": 40, "height": 30})
        annotations.append({"id": at, "image_id": at, "category_id": at, "bbox": [1, 2, 3, 4]})
    categories = [{"id": at, "name": one} for at, one in enumerate(names)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    described = root / f"{name}.json"
    described.write_text(json.dumps(document))
    return place, described


def test_folders_are_joined_and_a_picture_in_both_counts_once(tmp_path: Path) -> None:
    seen = folder(tmp_path, "seen", {"a.jpg": b"a", "b.jpg": b"b"}, ["bicycle", "gnome"])
    unseen = folder(tmp_path, "unseen", {"c.jpg": b"b", "a.jpg": b"d"}, ["bicycle", "person"])
    truth = read([seen, unseen])
    assert [one.file.read_bytes() for one in truth.photographs] == [b"a", b"b", b"d"]
    assert [one.id for one in truth.photographs] == [1, 2, 3]
    found = [(one["id"], one["image_id"]) for one in truth.document["annotations"]]
    assert found == [(1, 1), (2, 2), (3, 3)]
    classes = [truth.names[one["category_id"] - 1] for one in truth.document["annotations"]]
    assert classes == ["bicycle", "gnome", "person"]
    assert truth.objects == 3


def test_what_annotations_leave_out_is_usual(tmp_path: Path) -> None:
    (one,) = read([folder(tmp_path, "one", {"a.jpg": b"a"}, ["cat"])]).document["annotations"]
    assert (one["area"], one["iscrowd"]) == (12, 0)
