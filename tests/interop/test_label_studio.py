"""Label Studio's own SDK: its configuration, its validation, and its converter."""

from __future__ import annotations

import json
from pathlib import Path

from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

from conftest import SPLITS, Box, Expected


def test_configuration_and_predictions_are_valid(expected: Expected) -> None:
    root = expected.root / "label-studio"
    interface = LabelInterface((root / "config.xml").read_text(encoding="utf-8"))
    interface.validate()
    assert list(interface.get_control("label").labels) == expected.classes
    for split in SPLITS:
        for task in json.loads((root / "tasks" / f"{split}.json").read_text()):
            predictions = task.pop("predictions")
            assert interface.validate_task(task)
            for prediction in predictions:
                assert interface.validate_prediction(prediction, return_errors=True) == []
                assert 0 <= prediction["score"] <= 1


def test_its_converter_finds_the_boxes(expected: Expected, tmp_path: Path) -> None:
    """Predictions become annotations when a person accepts them; those are what it converts."""
    root = expected.root / "label-studio"
    found = {}
    for split in SPLITS:
        tasks = json.loads((root / "tasks" / f"{split}.json").read_text())
        for number, task in enumerate(tasks, 1):
            result = task.pop("predictions")[0]["result"]
            task |= {"id": number, "annotations": [{"id": number, "result": result}]}
        accepted = tmp_path / f"{split}.json"
        accepted.write_text(json.dumps(tasks))
        found[split] = converted(accepted, root / "config.xml", tmp_path / split)
    expected.compare(found, 0.01)


def converted(tasks: Path, config: Path, out: Path) -> dict[str, list[Box]]:
    converter = Converter(str(config), str(out), download_resources=False)
    converter.convert_to_coco(str(tasks), str(out), is_dir=False)
    content = json.loads((out / "result.json").read_text())
    names = {one["id"]: one["name"] for one in content["categories"]}
    files = {one["id"]: Path(one["file_name"]).name for one in content["images"]}
    boxes: dict[str, list[Box]] = {name: [] for name in files.values()}
    for one in content["annotations"]:
        x, y, wide, high = one["bbox"]
        boxes[files[one["image_id"]]].append(
            (names[one["category_id"]], [x, y, x + wide, y + high])
        )
    return boxes
