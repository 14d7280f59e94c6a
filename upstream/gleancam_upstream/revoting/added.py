"""Another member's evidence, made where the samples arrived: a model too large for the device.

A file of JSON lines. The first says who it is, the others what it saw, a line for each sample:

    {"id": "big@0123456789ab", "weight": 0.55, "classes": ["person", "car"]}
    {"sample_id": "…", "camera": "front", "boxes": [[0.1, 0.2, 0.3, 0.4]], "scores": [0.9],
     "classes": ["car"]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec.structs import replace

from gleancam.wire.ensemble_data import MemberData
from gleancam.wire.fields import Box, Share
from gleancam.wire.sample_data import EvidenceData, SampleData
from gleancam_upstream.errors import RevoteError


class _Line(msgspec.Struct, frozen=True):
    sample_id: str
    camera: str
    boxes: tuple[Box, ...]
    scores: tuple[Share, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """One more member, and what it saw, by camera and sample id."""

    member: MemberData
    seen: Mapping[tuple[str, str], EvidenceData]

    def to(self, data: SampleData) -> SampleData:
        """Return the manifest with this member and its evidence; without a line, it did not look.

        A calibration was for the committee without it, so it goes.

        Raises:
            RevoteError: somebody of this id is a member already.
        """
        ensemble = data.ensemble
        if any(member.id == self.member.id for member in ensemble.members):
            raise RevoteError(f"{self.member.id} is a member already", cure="give it another id")
        seen = self.seen.get((data.camera, data.sample_id))
        ensemble = replace(
            ensemble,
            models=(*ensemble.models, self.member.id),
            members=(*ensemble.members, self.member),
            calibration=None,
        )
        evidence = data.evidence if seen is None else (*data.evidence, seen)
        return replace(data, evidence=evidence, ensemble=ensemble)


def read_added(path: Path) -> Added:
    """Read a file as this module describes it.

    Raises:
        RevoteError: it cannot be read, a line is of another shape, or a sample has two.
    """
    try:
        rows = path.read_bytes().splitlines()
    except OSError as error:
        raise RevoteError(f"{path} cannot be read: {error.strerror}") from error
    number = 1
    seen: dict[tuple[str, str], EvidenceData] = {}
    try:
        member = msgspec.json.decode(rows[0] if rows else b"", type=MemberData)
        for number, row in enumerate(rows[1:], 2):
            line = msgspec.json.decode(row, type=_Line)
            if (
                seen.setdefault((line.camera, line.sample_id), found := _said(line, member))
                != found
            ):
                raise RevoteError(f"{path} line {number}: {line.sample_id} was there before")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RevoteError(
            f"{path} line {number}: {error}",
            cure="a member's id, weight and classes come first, then a line for each sample",
        ) from error
    return Added(member, seen)


def _said(line: _Line, member: MemberData) -> EvidenceData:
    return EvidenceData(
        model_id=member.id, boxes=line.boxes, scores=line.scores, classes=line.classes
    )
