"""Folders of samples as `consume` writes them, with everything in them that is awkward."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import msgspec

from gleancam.wire.address import Address
from gleancam.wire.codec import encode
from gleancam.wire.ensemble_data import ClassData, EnsembleData, MemberData, RulesData
from gleancam.wire.sample import sample_data, with_image
from gleancam.wire.sample_data import LabelData, SampleData, SceneData
from gleancam_upstream.arrivals import SampleArrived
from gleancam_upstream.dataset import FolderDataset
from made_samples import TOPICS, made_image, made_parcel

FIRST, SECOND = "general@0123456789ab", "special@fedcba987654"
NAMES = (
    *("person", "traffic light", "Fußgänger", "人", "yes", "7", "null", "a, b", "#1"),
    *("""<b> & "quoted" 'too'""", "back\\slash", "- dash", "😀 face", "[x] {y}", "%d", "no:colon"),
)
"""What classes may be called; each breaks some careless writer."""
ENSEMBLE = EnsembleData(
    strategy="wbf",
    models=(FIRST, SECOND),
    degraded_quorum=False,
    rules=RulesData(),
    members=(
        MemberData(id=FIRST, weight=1.0, classes=NAMES),
        MemberData(id=SECOND, weight=2.0, classes=NAMES),
    ),
    ontology=tuple(
        ClassData(class_name=name, sources=(f"general:{name}", f"special:{name}"), confidence=0.25)
        for name in NAMES
    ),
    confidence=0.25,
    raw_confidence=0.05,
)
NEW_FIELDS = ("score_max", "risk", "bald", "entropy", "loc_spread", "degraded_quorum")
EDGES = (
    (0.0, 0.0, 1.0, 1.0),
    (0.0, 0.5, 0.0031, 1.0),
    (0.9999, 0.9999, 1.0, 1.0),
    (0.0, 0.0, 0.0001, 0.0001),
    (0.3333, 0.1235, 0.6667, 0.9871),
)
"""Boxes on borders, and boxes of less than a pixel."""


@dataclass(frozen=True)
class Stored:
    """A sample as it is received."""

    data: SampleData
    raw: bytes
    image: bytes


def made_box(
    box: tuple[float, float, float, float], name: str, score: float, status: str = "generated"
) -> LabelData:
    """Two members saw it, and every number of it differs from the others."""
    return LabelData(
        box=box,
        class_name=name,
        score=score,
        votes=2,
        voters=(FIRST, SECOND),
        eligible=3,
        mean_iou=round(score * 0.9 + 0.0103, 4),
        status=status,
        score_max=round(score * 0.8 + 0.1907, 4),
        risk=round(1 - score * 0.97, 4),
        bald=round(score * 0.31 + 0.0011, 4),
        entropy=round(score * 0.23 + 0.0017, 4),
        loc_spread=round(0.9897 - score * 0.9, 4),
    )


def stored(
    number: int,
    labels: Sequence[LabelData] = (),
    *,
    camera: str = "front",
    scene: str = "scene-1",
    size: tuple[int, int] = (320, 180),
    sample_id: str = "",
    old: bool = False,
) -> Stored:
    """A sample of a 320 by 180 frame; `old` as devices sent it before they voted."""
    parcel = made_parcel(number, camera=camera, captured_ns=10**18 + number * 10**9, labels=2)
    parcel = with_image(parcel, made_image(number, *size))
    data = msgspec.structs.replace(
        sample_data(parcel.data),
        labels=tuple(labels),
        scene=SceneData(id=scene, label="day" if number % 2 else None),
        ensemble=ENSEMBLE,
        **({"sample_id": sample_id} if sample_id else {}),
    )
    raw = _aged(encode(data)) if old else encode(data)
    assert parcel.image is not None
    return Stored(sample_data(raw), raw, parcel.image)


def _aged(raw: bytes) -> bytes:
    document = json.loads(raw)
    for label in document["labels"]:
        for name in (*NEW_FIELDS, "class_conflict"):
            label.pop(name, None)
    strategy = {"strategy": "single", "models": [FIRST], "degraded_quorum": False}
    document["ensemble"] = strategy
    return json.dumps(document, ensure_ascii=False).encode()


def write_dataset(root: Path, samples: Iterable[Stored]) -> None:
    """Write a folder as `consume` does."""
    with FolderDataset(root) as dataset:
        for one in samples:
            address = Address(TOPICS, "sample", one.data.camera)
            dataset.write([SampleArrived(address, one.data, one.raw, one.image, 1)])


def awkward() -> list[Stored]:
    """Two cameras with equal sample ids, small pictures, empty ones, old ones, all the names."""
    sizes = ((320, 180), (160, 90), (161, 91))
    samples = []
    names = cycle(NAMES)
    for number in range(36):
        name = next(names) if number % 4 else ""
        box = EDGES[number % len(EDGES)]
        inside = (0.1, 0.2, 0.1 + number / 100, 0.2 + number / 70)
        labels = [
            made_box(box, name, round(0.31 + number / 100, 4)),
            made_box(inside, NAMES[0], round(0.2 + number / 71, 4), "promoted"),
        ]
        samples.append(
            stored(
                number,
                labels if number % 4 else [],
                camera="front" if number % 2 else "back",
                scene=f"scene-{number // 3}",
                size=sizes[number % 3],
                sample_id=f"same-{number // 2}",
                old=number % 7 == 5,
            )
        )
    return samples
