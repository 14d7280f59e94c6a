"""Whether a vote on the evidence gives what the device sent, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import msgspec

from gleancam.wire.codec import encode
from gleancam_upstream.errors import UpstreamError
from gleancam_upstream.kept import index, load
from gleancam_upstream.lines import IndexLine
from gleancam_upstream.revoting.vote import is_reviewed, voted


class _Said(msgspec.Struct, frozen=True):
    """The labels of a manifest as they came."""

    labels: msgspec.Raw


class _Labels(msgspec.Struct, frozen=True):
    labels: tuple[msgspec.Raw, ...]


@dataclass
class Check:
    """What a check found.

    Attributes:
        reviewed: samples that were not voted on, since people have changed their labels.
        differences: a line for each sample whose labels are not those of a vote.
        problems: a line for each sample on which no vote can be taken.
    """

    samples: int = 0
    labels: int = 0
    reviewed: int = 0
    differences: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def check(root: Path, advance: Callable[[], None]) -> Check:
    """Vote on every sample of a dataset as its device did.

    Raises:
        DatasetError: there is no dataset.
    """
    found = Check()
    for row in index(root):
        try:
            difference = _difference(root, row, found)
        except UpstreamError as error:
            found.problems.append(f"{row.camera}/{row.sample_id}: {error}")
        else:
            if difference:
                found.differences.append(f"{row.camera}/{row.sample_id}: {difference}")
        advance()
    return found


def _difference(root: Path, row: IndexLine, found: Check) -> str:
    data = load(root, row).data
    if is_reviewed(data):
        found.reviewed += 1
        return ""
    vote = encode(msgspec.structs.replace(data, labels=voted(data).labels))
    path = root / "samples" / row.camera / f"{row.sample_id}.json"
    said = path.read_bytes()
    found.samples += 1
    found.labels += len(data.labels)
    if _raw(said) == _raw(vote):
        return ""
    return next(_different(_each(said), _each(vote)), "labels differ in nothing but white space")


def _raw(manifest: bytes) -> bytes:
    return bytes(msgspec.json.decode(manifest, type=_Said).labels)


def _each(manifest: bytes) -> list[str]:
    labels = msgspec.json.decode(manifest, type=_Labels).labels
    return [bytes(one).decode() for one in labels]


def _different(said: list[str], vote: list[str]) -> Iterator[str]:
    for place, (theirs, ours) in enumerate(zip_longest(said, vote, fillvalue="nothing")):
        if theirs != ours:
            yield f"label {place} is {theirs}, a vote says {ours}"
