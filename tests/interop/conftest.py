"""Exports that .venv's Python made, and what a reader should find in them."""

from __future__ import annotations

import json
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--exports", type=Path, required=True, help="written by make_exports.py")


@pytest.fixture(scope="session")
def expected(request: pytest.FixtureRequest) -> Expected:
    root: Path = request.config.getoption("--exports")
    content = json.loads((root / "expected.json").read_text(encoding="utf-8"))
    pictures = content["pictures"]
    return Expected(
        root,
        content["classes"],
        {
            name: [(label["class"], label["corners"]) for label in one["labels"]]
            for name, one in pictures.items()
        },
        {name: [label["score"] for label in one["labels"]] for name, one in pictures.items()},
        {name: (one["size"][0], one["size"][1]) for name, one in pictures.items()},
        {name: (one["scene"][0], one["scene"][1]) for name, one in pictures.items()},
    )


def voc_name(name: str) -> str:
    """What `labelmap.txt` can say of a name, as the export's report announces."""
    return {"no:colon": "no-colon", "#1": "1"}.get(name, name)


@pytest.fixture(scope="session")
def expected_voc(expected: Expected) -> Expected:
    boxes = {
        name: [(voc_name(kind), corners) for kind, corners in found]
        for name, found in expected.boxes.items()
    }
    return Expected(
        expected.root,
        [voc_name(name) for name in expected.classes],
        boxes,
        expected.scores,
        expected.sizes,
        expected.scenes,
    )
