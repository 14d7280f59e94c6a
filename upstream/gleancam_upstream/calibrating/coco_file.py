"""Reviewed boxes in COCO form: what we read of it; unknown fields are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from gleancam_upstream.errors import ReviewError

Pixels = Annotated[float, msgspec.Meta(gt=0)]
Extent = tuple[float, float, Pixels, Pixels]


class CocoImage(msgspec.Struct, frozen=True):
    """A picture. `file_name` ends with `<sample_id>.jpg`, or `sample_id` says which it is."""

    id: int
    file_name: str
    width: Pixels
    height: Pixels
    sample_id: str = ""


class CocoAnnotation(msgspec.Struct, frozen=True):
    """An object, or a crowd of them. `bbox` is left, top, width and height, in pixels."""

    image_id: int
    category_id: int
    bbox: Extent
    iscrowd: int = 0


class CocoCategory(msgspec.Struct, frozen=True):
    """A class that reviewers looked for."""

    id: int
    name: str


class CocoFile(msgspec.Struct, frozen=True):
    """All of it."""

    images: tuple[CocoImage, ...]
    annotations: tuple[CocoAnnotation, ...]
    categories: tuple[CocoCategory, ...]


def read_coco(path: Path) -> CocoFile:
    """Return what a file holds.

    Raises:
        ReviewError: it cannot be read, is no COCO, or an annotation is of no image or category.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=CocoFile)
    except OSError as error:
        raise ReviewError(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReviewError(
            f"{path} holds no boxes in COCO form: {error}",
            cure="export the reviewed boxes as COCO, with images, annotations and categories",
        ) from error
    _check_ids(found, path)
    return found


def _check_ids(found: CocoFile, path: Path) -> None:
    images = {one.id for one in found.images}
    categories = {one.id for one in found.categories}
    for number, one in enumerate(found.annotations):
        if one.image_id not in images:
            raise ReviewError(f"{path}: annotations[{number}] is of no image, {one.image_id}")
        if one.category_id not in categories:
            raise ReviewError(f"{path}: annotations[{number}] is of no category, {one.category_id}")
