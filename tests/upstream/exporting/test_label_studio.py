from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gleancam_upstream.exporting.exporting import Order, export_dataset
from gleancam_upstream.exporting.label_studio import LabelStudio
from gleancam_upstream.exporting.wanted import Wanted
from made_datasets import made_box, stored, write_dataset

SURE = made_box((0.1, 0.2, 0.3, 0.4), "person", 0.99)
UNSURE = made_box((0.5, 0.2, 0.7, 0.4), "person", 0.52)


def tasks(tmp_path: Path, wanted: Wanted) -> dict[str, Any]:
    samples = [
        stored(1, [SURE], sample_id="sure"),
        stored(2, [SURE, UNSURE], sample_id="unsure"),
        stored(3, [], sample_id="empty"),
    ]
    write_dataset(tmp_path / "data", samples)
    order = Order(tmp_path / "data", tmp_path / "my out", LabelStudio(), wanted, "link")
    report = export_dataset(order, lambda _step, _total: lambda: None)
    assert f"model_version: {next(iter(report.releases))}" in report.advice
    assert report.advice[-1].startswith("<View>")
    content = json.loads((order.out / "tasks" / "train.json").read_text())
    return {task["data"]["sample_id"]: task for task in content}


def test_the_most_informative_is_served_first(tmp_path: Path) -> None:
    found = tasks(tmp_path, Wanted())
    scores = {name: task["predictions"][0]["score"] for name, task in found.items()}
    assert scores["unsure"] < scores["sure"] < scores["empty"] == 1
    assert all(
        1 - scores[name] == pytest.approx(task["data"]["informativeness"])
        for name, task in found.items()
    )


def test_what_is_left_out_still_says_how_informative_a_picture_is(tmp_path: Path) -> None:
    found = tasks(tmp_path, Wanted(min_score=0.9))
    (region,) = found["unsure"]["predictions"][0]["result"]
    assert region["score"] == 0.99
    assert found["unsure"]["predictions"][0]["score"] < 0.1


def test_data_has_what_a_review_is_sorted_by(tmp_path: Path) -> None:
    found = tasks(tmp_path, Wanted())
    data = found["unsure"]["data"]
    assert data["image"] == "/data/local-files/?d=my%20out/images/train/front_unsure.jpg"
    assert data["risk"] == UNSURE.risk
    assert data["bald"] == SURE.bald, "the most of the labels'"
    assert data["confidence"] == UNSURE.score, "the least of the labels'"
    assert data["novelty"] == 0.31
    empty = found["empty"]["data"]
    assert (empty["risk"], empty["bald"], empty["confidence"]) == (None, None, None)
