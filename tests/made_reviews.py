"""A folder of samples and what reviewers found in them, for tests of whatever compares the two."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import uuid6

from gleancam.types import Sample
from gleancam.wire.address import Address
from gleancam.wire.context import DeviceContext
from gleancam.wire.sample import sample_data, sample_parcel
from gleancam.wire.sample_data import LabelData, SampleData
from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.arrivals import SampleArrived
from gleancam_upstream.dataset import FolderDataset
from made_samples import CONTEXT, HEIGHT, TOPICS, WIDTH, made_image, made_sample

Coco = dict[str, Any]


def made_dataset(
    folder: Path,
    count: int,
    *,
    context: DeviceContext = CONTEXT,
    change: Callable[[Sample], Sample] = lambda sample: sample,
    first: int = 0,
) -> list[SampleData]:
    """Write samples of six labels each, three samples a scene; return them in order of capture."""
    arrived = []
    for number in range(first, first + count):
        made = made_sample(number, captured_ns=(number + 1) * 10**9, labels=6)
        made = change(replace(made, sample_id=str(uuid6.uuid7()), scene_id=f"scene-{number // 3}"))
        parcel = sample_parcel(made, made_image(number), context)
        assert parcel.image is not None
        data = sample_data(parcel.data)
        address = Address(TOPICS, "sample", parcel.camera_id)
        arrived.append(SampleArrived(address, data, parcel.data, parcel.image, time.time_ns()))
    with FolderDataset(folder) as dataset:
        dataset.write(arrived)
    return [one.data for one in arrived]


def made_review(samples: list[SampleData], right: Callable[[LabelData], bool]) -> Coco:
    """Return COCO in which those labels that are right are the objects; twice as large pictures."""
    names = sorted({label.class_name for one in samples for label in one.labels})
    annotations = [
        {"id": 0, "image_id": number, "category_id": names.index(label.class_name) + 1}
        | {"bbox": extent(label), "iscrowd": 0, "area": 1.0}
        for number, one in enumerate(samples)
        for label in one.labels
        if right(label)
    ]
    return {
        "images": [
            {"id": number, "file_name": f"front-{one.sample_id}.jpg"}
            | {"width": 2 * WIDTH, "height": 2 * HEIGHT}
            for number, one in enumerate(samples)
        ],
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, 1)],
    }


def by_curve(curve: Curve, seed: int = 0) -> Callable[[LabelData], bool]:
    """Return who is right: as often as the curve says, drawn anew for each label."""
    rng = np.random.default_rng(seed)
    return lambda label: bool(rng.uniform() < curve.probabilities(np.array([label.score]))[0])


def extent(label: LabelData) -> list[float]:
    """Return left, top, width and height in pixels of a picture twice as large."""
    x1, y1, x2, y2 = label.box
    return [x1 * 2 * WIDTH, y1 * 2 * HEIGHT, (x2 - x1) * 2 * WIDTH, (y2 - y1) * 2 * HEIGHT]


def written(coco: Coco, path: Path) -> Path:
    """Write COCO; return its path."""
    path.write_text(json.dumps(coco))
    return path


def rewrite(folder: Path, sample: SampleData, **changes: object) -> None:
    """Change fields of a stored manifest."""
    path = folder / "samples" / sample.camera / f"{sample.sample_id}.json"
    document = json.loads(path.read_bytes())
    path.write_bytes(msgspec.json.encode({**document, **changes}))
