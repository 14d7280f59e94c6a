"""Reading back what a folder dataset holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from gleancam.wire.error import WireError
from gleancam.wire.sample import sample_data
from gleancam.wire.sample_data import SampleData
from gleancam_upstream.dataset import paths
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.lines import IndexLine


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored sample: its manifest and where its picture lies."""

    data: SampleData
    image: Path


def index(root: Path) -> list[IndexLine]:
    """Return the lines of a dataset's index, in order of capture.

    Raises:
        DatasetError: there is no dataset, or a line cannot be read.
    """
    try:
        lines = (root / "index.jsonl").read_bytes().splitlines()
        rows = [msgspec.json.decode(line, type=IndexLine) for line in lines]
    except OSError as error:
        raise DatasetError(f"{root} is no dataset: {error}") from error
    except msgspec.DecodeError as error:
        raise DatasetError(f"{root}/index.jsonl cannot be read: {error}") from error
    return sorted(rows, key=lambda row: (row.captured, row.camera))


def pictured(root: Path, rows: list[IndexLine]) -> list[IndexLine]:
    """Return the lines of samples whose pictures did not stay on the device."""
    return [row for row in rows if not _is_held(load(root, row))]


def _is_held(kept: Kept) -> bool:
    return kept.data.image.delivery == "held" and not kept.image.is_file()


def load(root: Path, row: IndexLine) -> Kept:
    """Return one sample of the index.

    Raises:
        DatasetError: its manifest is missing or damaged.
    """
    path = root / "samples" / row.camera / f"{row.sample_id}.json"
    try:
        data = sample_data(path.read_bytes())
    except (OSError, WireError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    return Kept(data, paths(root, data)[0])
