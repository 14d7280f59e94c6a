"""What an export holds and what it lost: `export-report.json` and the answer of `--json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from gleancam_upstream.exporting.format import Export, Format
from gleancam_upstream.exporting.gathering import Gathered
from gleancam_upstream.exporting.losses import Geometry, Loss, geometry, losses

REPORT_FILE = "export-report.json"


class SplitReport(msgspec.Struct, frozen=True, kw_only=True):
    """One split, counted; `empty` are pictures without labels, which stay."""

    pictures: int
    labels: int
    empty: int
    scenes: int


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind the name of a release."""

    strategy: str
    members: tuple[str, ...]
    pictures: int


class ExportReport(msgspec.Struct, frozen=True, kw_only=True):
    """All of one export.

    Attributes:
        classes: how many labels of each, in the order of the export.
        left_out: labels that were not wanted, by reason.
        problems: samples that could not be taken, a line each.
        geometry: how far corners moved.
        losses: what a reader of this format does not get back.
        advice: what to do next, a line each.
    """

    format: str
    splits: dict[str, SplitReport]
    classes: dict[str, int]
    releases: dict[str, ReleaseReport]
    left_out: dict[str, int]
    problems: tuple[str, ...]
    geometry: Geometry
    losses: tuple[Loss, ...]
    advice: tuple[str, ...]


def export_report(export: Export, form: Format, gathered: Gathered) -> ExportReport:
    """Count and measure an export."""
    seen = Counter(label.class_name for one in export.pictures for label in one.labels)
    return ExportReport(
        format=form.name,
        splits={split: _split(export, split) for split in export.splits},
        classes={name: seen[name] for name in export.classes},
        releases={name: _release(export, gathered, name) for name in export.releases},
        left_out=dict(gathered.left_out),
        problems=tuple(gathered.problems),
        geometry=geometry(export, form),
        losses=losses(export, form),
        advice=(*_empty_splits(export), *form.advice(export)),
    )


def _empty_splits(export: Export) -> Iterator[str]:
    scenes = len({(one.camera, one.scene) for one in export.pictures})
    for split in export.splits:
        if not export.of(split):
            yield f"split {split} is empty: each scene ({scenes}) fell into another"


def _split(export: Export, split: str) -> SplitReport:
    pictures = export.of(split)
    return SplitReport(
        pictures=len(pictures),
        labels=sum(len(one.labels) for one in pictures),
        empty=sum(not one.labels for one in pictures),
        scenes=len({(one.camera, one.scene) for one in pictures}),
    )


def _release(export: Export, gathered: Gathered, name: str) -> ReleaseReport:
    ensemble = gathered.ensembles[name]
    return ReleaseReport(
        strategy=ensemble.strategy,
        members=ensemble.models,
        pictures=sum(one.release == name for one in export.pictures),
    )
