"""What a reader should find in the exports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

SPLITS = ("train", "val")
Box = tuple[str, list[float]]
"""Class and corners, pixels."""


@dataclass(frozen=True)
class Expected:
    """What the manifests say.

    Attributes:
        boxes: by file name, in the order of the labels.
        scores: as `boxes`.
        sizes: width and height by file name.
    """

    root: Path
    classes: list[str]
    boxes: dict[str, list[Box]]
    scores: dict[str, list[float]]
    sizes: dict[str, tuple[int, int]]
    scenes: dict[str, tuple[str, str]]

    def compare(self, found: dict[str, dict[str, list[Box]]], within_px: float) -> None:
        """Hold what a reader found, by split and file name, to what there was.

        Objects are compared in order of class and place, since a reader may give them in any.
        """
        assert set(found) == set(SPLITS)
        pictures = [name for split in found.values() for name in split]
        assert sorted(pictures) == sorted(self.boxes), "each picture once, the empty ones too"
        for split in found.values():
            for name, boxes in split.items():
                wanted, got = sorted(self.boxes[name]), sorted(boxes)
                assert [one for one, _ in got] == [one for one, _ in wanted]
                for (_, read), (_, corners) in zip(got, wanted, strict=True):
                    assert read == pytest.approx(corners, abs=within_px)
        splits = [{self.scenes[name] for name in split} for split in found.values()]
        assert not splits[0] & splits[1], "scenes do not straddle"


def voc_name(name: str) -> str:
    """What `labelmap.txt` can say of a name, as the export's report announces."""
    return {"no:colon": "no-colon", "#1": "1"}.get(name, name)
