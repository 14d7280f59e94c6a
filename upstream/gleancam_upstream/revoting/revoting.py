"""Voting again on a whole folder of samples: into JSON lines, or into another folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from gleancam.wire.codec import encode
from gleancam_upstream.dataset import paths
from gleancam_upstream.durable import sync_directory
from gleancam_upstream.errors import DatasetError, UpstreamError
from gleancam_upstream.exporting.folder import whole_folder
from gleancam_upstream.exporting.pictures import Placing, place_picture
from gleancam_upstream.kept import Kept, index, load
from gleancam_upstream.lines import IndexLine
from gleancam_upstream.revoting.added import Added
from gleancam_upstream.revoting.overrides import AS_IT_WAS, Overrides
from gleancam_upstream.revoting.vote import Voted, as_it_is, is_reviewed, voted, with_vote


@dataclass
class Tally:
    """What came of it.

    Attributes:
        before: labels by class, as they were.
        after: labels by class, as they are.
        changed: samples whose labels are other ones.
        reviewed: samples that stay as they are, since people have said something of their labels.
        problems: a line for each sample on which no vote could be taken.
    """

    samples: int = 0
    changed: int = 0
    reviewed: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def count(self, kept: Kept, vote: Voted) -> None:
        """Count one sample."""
        self.samples += 1
        self.changed += vote.labels != kept.data.labels
        self.before.update(label.class_name for label in kept.data.labels)
        self.after.update(label.class_name for label in vote.labels)


@dataclass(frozen=True, slots=True)
class Asked:
    """Under which settings, and with whom besides."""

    overrides: Overrides = AS_IT_WAS
    added: Added | None = None


def votes(
    root: Path, asked: Asked, tally: Tally, advance: Callable[[], None]
) -> Iterator[tuple[IndexLine, Kept, Voted]]:
    """Yield every sample of a dataset with a vote on it; what cannot be voted on is named.

    Raises:
        DatasetError: there is no dataset, or nothing in it.
    """
    rows = {(row.camera, row.sample_id): row for row in index(root)}
    if not rows:
        raise DatasetError(f"{root} holds no samples", cure="run `gleancam-upstream consume` first")
    for row in rows.values():
        try:
            kept, vote = _vote(load(root, row), asked, tally)
        except UpstreamError as error:
            tally.problems.append(f"{row.camera}/{row.sample_id}: {error}")
        else:
            tally.count(kept, vote)
            yield row, kept, vote
        advance()


def write_lines(found: Iterator[tuple[IndexLine, Kept, Voted]], out: Path) -> None:
    """Write a line of JSON for each vote.

    Raises:
        OSError: the file cannot be written.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.part")
    with aside.open("wb") as file:
        for _, _, vote in found:
            file.write(encode(vote) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(out)
    sync_directory(out.parent)


def write_folder(
    found: Iterator[tuple[IndexLine, Kept, Voted]], out: Path, placing: Placing
) -> None:
    """Write a folder of samples whose manifests hold the new labels.

    Raises:
        ExportError: `out` is there and not empty, or pictures cannot be linked.
        OSError: it cannot be written.
    """
    with whole_folder(out) as folder, (folder / "index.jsonl").open("wb") as lines:
        for row, kept, vote in found:
            image, manifest = paths(folder, kept.data)
            if kept.image.is_file() or kept.data.image.delivery != "held":
                place_picture(kept.image, image, placing)
            manifest.parent.mkdir(parents=True, exist_ok=True)
            size = manifest.write_bytes(encode(with_vote(kept.data, vote)))
            line = msgspec.structs.replace(row, bytes=size + kept.data.image.bytes)
            lines.write(encode(line) + b"\n")


def _vote(kept: Kept, asked: Asked, tally: Tally) -> tuple[Kept, Voted]:
    """The sample with all the evidence of the vote, and the vote."""
    if is_reviewed(kept.data):
        tally.reviewed += 1
        return kept, as_it_is(kept.data)
    if asked.added is not None:
        kept = replace(kept, data=asked.added.to(kept.data))
    return kept, voted(kept.data, asked.overrides)
