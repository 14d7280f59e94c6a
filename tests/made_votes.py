"""Samples on which a committee voted, as a device makes them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gleancam.wire.boxes import evidence_data, label_data
from gleancam.wire.codec import encode
from gleancam.wire.ensemble import ensemble_data, with_statuses
from gleancam.wire.sample import sample_data
from gleancam_engines.voting.calibration import Calibration, Curve
from gleancam_engines.voting.committee import Committee, Member, Rules
from gleancam_engines.voting.evidence import Evidence, Status, silent
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source, same_names
from made_datasets import Stored, stored

CONFIDENCE, RAW = 0.3, 0.05
VEHICLES = ("person", "car", "truck", "bus")
PEOPLE = ("person", "child")
MEMBERS = (
    Member("general@0123456789ab", VEHICLES, 0.42),
    Member("general@0123456789ab+hflip", VEHICLES, 0.42),
    Member("other@fedcba987654", VEHICLES, 0.55),
    Member("people@00000000ffff", PEOPLE, 1.5),
)
ONTOLOGY = Ontology(
    (
        CanonicalClass(
            "vehicle", tuple(Source("general", name) for name in VEHICLES[1:]), CONFIDENCE
        ),
        CanonicalClass(
            "person",
            (Source("general", "person"), Source("other", "person"), Source("people", "child")),
            0.25,
        ),
    )
)
CURVES = Calibration(Curve(1.7), {"person": Curve(knots=((0.1, 0.05), (0.9, 0.97)))})


def own_names() -> Ontology:
    return same_names([("general", VEHICLES), ("other", VEHICLES), ("people", PEOPLE)], CONFIDENCE)


def committee(
    rules: Rules | None = None,
    ontology: Ontology | None = None,
    calibration: Calibration | None = None,
) -> Committee:
    return Committee(
        MEMBERS, ontology or own_names(), rules or Rules(), calibration or Calibration()
    )


def seen(member: Member, seed: int, status: Status = "ok", objects: int = 6) -> Evidence:
    """Boxes near objects that all members of one frame share, some missed, some made up."""
    if status != "ok":
        return silent(member.member_id, member.vocabulary, status)
    scene = np.random.default_rng(seed)
    low = scene.uniform(0, 0.7, (objects, 2))
    centres = np.hstack((low, low + scene.uniform(0.05, 0.3, (objects, 2))))
    kinds = scene.integers(0, 2, objects)
    own = np.random.default_rng((seed, MEMBERS.index(member)))
    kept = own.uniform(size=objects) < 0.8
    boxes = (centres + own.normal(0, 0.01, centres.shape))[kept].clip(0, 1)
    return Evidence(
        member.member_id,
        member.vocabulary,
        np.round(boxes, 4),
        np.round(own.uniform(RAW, 1, len(boxes)), 4),
        kinds[kept].astype(np.int32),
    )


def voted_on(
    number: int, by: Committee, statuses: Sequence[Status] = ("ok", "ok", "ok", "ok")
) -> Stored:
    """The sample of a frame as it is received; all is told by the device's own code."""
    pairs = zip(by.members, statuses, strict=True)
    evidence = [seen(member, number, status) for member, status in pairs]
    plain = stored(number, sample_id=f"sample-{number}")
    frame = plain.data.frame
    verdict = by.vote(evidence, (frame.width, frame.height))
    data = msgspec.structs.replace(
        plain.data,
        labels=label_data(verdict.labels),
        evidence=tuple(map(evidence_data, evidence)),
        ensemble=with_statuses(ensemble_data(by, CONFIDENCE, RAW), evidence),
    )
    raw = encode(data)
    return Stored(sample_data(raw), raw, plain.image)
