"""What people found in each sample."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from gleancam_upstream.calibrating.coco_file import CocoAnnotation, CocoImage, read_coco
from gleancam_upstream.calibrating.judged import BoolArray, Float64Array
from gleancam_upstream.errors import ReviewError


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The M objects of a picture; none is an answer too.

    Attributes:
        class_names: of each.
        xyxy: `(M, 4)` float64 corners as shares of the frame, 0…1.
        crowd: `(M,)` bool: many objects in one region, which nobody counted.
    """

    class_names: tuple[str, ...]
    xyxy: Float64Array
    crowd: BoolArray


@dataclass(frozen=True, slots=True)
class Review:
    """A reviewed set.

    Attributes:
        truths: by sample id.
        classes: what reviewers looked for; labels of another class were not judged.
        strangers: how many pictures are of no sample that is known here.
    """

    truths: dict[str, Truth]
    classes: frozenset[str]
    strangers: int


def read_review(path: Path, sample_ids: Collection[str]) -> Review:
    """Return what a COCO file says of these samples.

    Raises:
        ReviewError: the file cannot be read or contradicts itself, or two of its pictures are of
            one sample.
    """
    coco = read_coco(path)
    names = {one.id: one.name for one in coco.categories}
    found: defaultdict[int, list[CocoAnnotation]] = defaultdict(list)
    for annotation in coco.annotations:
        found[annotation.image_id].append(annotation)
    truths: dict[str, Truth] = {}
    for image in coco.images:
        sample_id = _sample_of(image, sample_ids)
        if sample_id in truths:
            raise ReviewError(f"{path}: two pictures are of sample {sample_id}", cure="remove one")
        if sample_id:
            truths[sample_id] = _truth(image, found[image.id], names)
    return Review(truths, frozenset(names.values()), len(coco.images) - len(truths))


def _sample_of(image: CocoImage, sample_ids: Collection[str]) -> str:
    """Return whose picture it is; empty for a stranger's."""
    return next((name for name in _candidates(image) if name in sample_ids), "")


def _candidates(image: CocoImage) -> Iterator[str]:
    yield image.sample_id
    stem = PurePosixPath(image.file_name).stem
    yield stem
    for mark in re.finditer(r"[^a-z0-9]", stem):
        yield stem[mark.end() :]


def _truth(image: CocoImage, found: list[CocoAnnotation], names: dict[int, str]) -> Truth:
    extents = np.array([one.bbox for one in found], np.float64).reshape(-1, 4)
    corners = np.hstack([extents[:, :2], extents[:, :2] + extents[:, 2:]])
    size = (image.width, image.height, image.width, image.height)
    return Truth(
        tuple(names[one.category_id] for one in found),
        corners / size,
        np.array([one.iscrowd for one in found], np.bool_),
    )
