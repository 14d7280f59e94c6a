"""From a folder of samples to what is exported, and what is not, with the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gleancam.wire.ensemble_data import EnsembleData
from gleancam_upstream.errors import DatasetError, ExportError, UpstreamError
from gleancam_upstream.exporting.names import configured_classes, ordered_classes
from gleancam_upstream.exporting.picture import Picture
from gleancam_upstream.exporting.reading import picture_of
from gleancam_upstream.exporting.wanted import Wanted
from gleancam_upstream.kept import Kept, load
from gleancam_upstream.lines import IndexLine


@dataclass
class Gathered:
    """What was found, in order of capture.

    Attributes:
        ensembles: by release, in the order they first come in.
        left_out: how many labels were not wanted, by reason.
        problems: one for each sample that could not be taken.
    """

    pictures: list[Picture] = field(default_factory=list)
    ensembles: dict[str, EnsembleData] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def classes(self) -> tuple[str, ...]:
        """All classes: of the committees in their order, then what else was seen."""
        configured = [configured_classes(one) for one in self.ensembles.values()]
        seen = (label.class_name for one in self.pictures for label in one.labels)
        return ordered_classes(configured, seen)

    @property
    def releases(self) -> tuple[str, ...]:
        """What labelled the pictures, the most frequent first."""
        counts = Counter(one.release for one in self.pictures)
        return tuple(name for name, _ in counts.most_common())


def gather(
    root: Path, rows: list[IndexLine], wanted: Wanted, advance: Callable[[], None]
) -> Gathered:
    """Read the samples of a dataset's index; one that is damaged is named, and the rest goes on.

    Raises:
        ExportError: there is no sample, or none can be taken.
    """
    gathered = Gathered()
    for row in {(row.camera, row.sample_id): row for row in rows}.values():
        try:
            _take(gathered, sound(root, row), wanted)
        except UpstreamError as error:
            gathered.problems.append(f"{row.camera}/{row.sample_id}: {error}")
        advance()
    if not gathered.pictures:
        if gathered.problems:
            count = len(gathered.problems)
            raise ExportError(f"none of {count} samples is sound: {gathered.problems[0]}")
        raise ExportError(f"{root} holds no samples", cure="run `gleancam-upstream consume` first")
    return gathered


def sound(root: Path, row: IndexLine) -> Kept:
    """Return a sample whose manifest can be read and whose picture is whole.

    Raises:
        DatasetError: it is not.
    """
    kept = load(root, row)
    if (kept.data.camera, kept.data.sample_id) != (row.camera, row.sample_id):
        raise DatasetError(f"the manifest of {row.camera}/{row.sample_id} is of another sample")
    if not kept.image.is_file():
        if kept.data.image.delivery == "held":
            raise DatasetError(
                "its picture is on the device",
                cure="have it sent: command SITE DEVICE fetch-sample",
            )
        raise DatasetError(f"{kept.image} is missing")
    if (size := kept.image.stat().st_size) != kept.data.image.bytes:
        raise DatasetError(
            f"{kept.image} has {size} bytes, its manifest says {kept.data.image.bytes}"
        )
    return kept


def _take(gathered: Gathered, kept: Kept, wanted: Wanted) -> None:
    picture = picture_of(kept, wanted)
    if picture.release not in gathered.ensembles:
        configured_classes(kept.data.ensemble)
        gathered.ensembles[picture.release] = kept.data.ensemble
    gathered.pictures.append(picture)
    gathered.left_out.update(
        reason for label in kept.data.labels if (reason := wanted.refusal(label))
    )
