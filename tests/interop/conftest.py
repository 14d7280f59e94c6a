"""Exports that .venv's Python made, and what a reader should find in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.expectations import Expected, voc_name


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
