"""What the consumer has, read from the folder it wrote and the summary it printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gleancam.wire.times import nanoseconds


@dataclass(frozen=True, slots=True)
class Received:
    """The consumer's side of the account.

    Attributes:
        samples: ids in the index, in order of arrival.
        events: accepted, each once.
        invalid: messages that failed verification.
        latencies_s: from capture to the consumer's acknowledgement, one for each sample.
    """

    samples: tuple[str, ...]
    events: int
    invalid: int
    latencies_s: tuple[float, ...]


def read_received(folder: Path, summary: dict[str, Any]) -> Received:
    """Read the account of a consumer that has ended."""
    lines = list(_lines(folder / "index.jsonl"))
    kinds = summary["messages"].values()
    return Received(
        samples=tuple(line["sample_id"] for line in lines),
        events=summary["messages"]["event"]["valid"],
        invalid=sum(kind["invalid"] for kind in kinds),
        latencies_s=tuple(
            (line["acked_ns"] - nanoseconds(line["captured"])) / 1e9 for line in lines
        ),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as index:
        for line in index:
            yield json.loads(line)
