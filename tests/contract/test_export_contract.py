"""What every export format does, whatever tool it is for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from exports_read import READERS, Read
from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.export_report import ExportReport
from gleancam_upstream.exporting.exporting import Order, export_dataset
from gleancam_upstream.exporting.facts import LABEL_FACTS, PICTURE_FACTS, known, label_facts
from gleancam_upstream.exporting.format import Format
from gleancam_upstream.exporting.formats import FORMATS, chosen_format
from gleancam_upstream.exporting.gathering import gather
from gleancam_upstream.exporting.picture import Picture
from gleancam_upstream.exporting.splits import parsed_splits
from gleancam_upstream.exporting.wanted import Wanted
from gleancam_upstream.kept import index
from made_datasets import NAMES, awkward, made_box, stored, write_dataset

WANTED = Wanted(splits=parsed_splits("train=0.6,val=0.4"))
PRECISION_PX = {
    "coco": 1e-4,
    "yolo": 1e-3,
    "voc": 1.0,
    "voc-zero-based": 1.0,
    "cvat": 0.0051,
    "label-studio": 1e-3,
    "fiftyone": 1e-3,
}
"""How far a corner may move: half a pixel, but a pixel where a box is less than one."""


FACTS_OF_36 = {
    "captured": 36,
    "scene": 36,
    "scene_label": 18,
    "selection": 36,
    "embedding": 36,
    "evidence": 72,
    "redactions": 36,
}
"""What there is of `PICTURE_FACTS` in `awkward()`."""


def quiet(_step: str, _total: int) -> Callable[[], None]:
    return lambda: None


def named(name: str) -> Format:
    return chosen_format(name.removesuffix("-zero-based"), zero_based="zero" in name)


@dataclass
class Exported:
    name: str
    form: Format
    out: Path
    pictures: dict[str, Picture]
    report: ExportReport
    read: list[Read]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dataset")
    write_dataset(root, awkward())
    return root


@pytest.fixture(scope="module", params=READERS)
def exported(
    request: pytest.FixtureRequest, dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> Exported:
    name, form = request.param, named(request.param)
    out = tmp_path_factory.mktemp("exports") / f"of {name}"
    gathered = gather(dataset, index(dataset), WANTED, lambda: None)
    report = export_dataset(Order(dataset, out, form, WANTED, "link"), quiet)
    pictures = {one.file_name: one for one in gathered.pictures}
    sizes = {one.file_name: (one.width, one.height) for one in gathered.pictures}
    return Exported(name, form, out, pictures, report, list(READERS[name](out, sizes)))


def test_every_format_of_the_command_line_is_held_to_it() -> None:
    assert set(FORMATS) == set(READERS) - {"voc-zero-based"}
    assert {form().name for form in FORMATS.values()} == set(FORMATS)


def test_every_picture_is_there_once_with_or_without_objects(exported: Exported) -> None:
    assert sorted(one.path.name for one in exported.read) == sorted(exported.pictures)
    assert sum(not one.boxes for one in exported.read) == 9
    for one in exported.read:
        picture = exported.pictures[one.path.name]
        assert one.path == exported.out / exported.form.image_path(picture)
        assert one.path.read_bytes() == picture.source.read_bytes()


def test_boxes_lie_where_they_lay(exported: Exported) -> None:
    for one in exported.read:
        picture = exported.pictures[one.path.name]
        read = np.array([corners for _, corners, _ in one.boxes]).reshape(-1, 4)
        assert read == pytest.approx(exported.form.as_read(picture), abs=1e-6)
        assert np.abs(read - picture.corners).max(initial=0) <= PRECISION_PX[exported.name]
        assert (read[:, 2:] > read[:, :2]).all() or exported.name == "cvat"
        assert read.min(initial=0) >= -1e-3
        assert (read <= picture.size + 1e-3).all()


def test_geometry_is_measured_not_supposed(exported: Exported) -> None:
    errors = []
    for one in exported.read:
        read = np.array([corners for _, corners, _ in one.boxes]).reshape(-1, 4)
        errors.append(np.abs(read - exported.pictures[one.path.name].corners).ravel())
    told = exported.report.geometry
    assert told.max_error_px == pytest.approx(np.concatenate(errors).max(), abs=1e-5)
    assert told.mean_error_px == pytest.approx(np.concatenate(errors).mean(), abs=1e-5)
    row = [loss for loss in exported.report.losses if loss.what == "geometry"]
    assert bool(row) == (told.max_error_px > 1e-3)


def test_classes_and_scores_are_those_that_were_said(exported: Exported) -> None:
    for one in exported.read:
        labels = exported.pictures[one.path.name].labels
        wanted = [exported.form.class_as_read(label.class_name) for label in labels]
        assert [name for name, _, _ in one.boxes] == wanted
        if "score" in exported.form.carries:
            assert [score for _, _, score in one.boxes] == [label.score for label in labels]


def test_class_names_change_only_where_the_report_says_so(exported: Exported) -> None:
    changed = {name for name in NAMES if exported.form.class_as_read(name) != name}
    (*rows,) = (loss for loss in exported.report.losses if loss.what == "class names")
    assert bool(rows) == bool(changed)
    assert changed == ({"no:colon", "#1"} if exported.form.name == "voc" else set())
    assert all(repr(name) in rows[0].detail for name in changed)


def test_scenes_never_straddle_splits(exported: Exported) -> None:
    splits = defaultdict(set)
    for one in exported.read:
        picture = exported.pictures[one.path.name]
        splits[picture.camera, picture.scene].add(one.split)
        assert one.split == picture.split
    assert all(len(found) == 1 for found in splits.values())
    assert {one.split for one in exported.read} == {"train", "val"}


def test_what_a_format_says_it_carries_is_in_its_files(exported: Exported) -> None:
    assert exported.form.carries <= LABEL_FACTS | PICTURE_FACTS
    blob = "\n".join(
        path.read_text(encoding="utf-8")
        for path in exported.out.rglob("*")
        if path.suffix in {".json", ".txt", ".xml"} and path.name != "export-report.json"
    )
    for picture in exported.pictures.values():
        for label in picture.labels:
            facts = {"score": label.score, **label_facts(picture, label)}
            for name in set(known(picture, label)) & exported.form.carries:
                for value in facts[name] if name == "voters" else [facts[name]]:
                    assert str(value) in blob, name


def test_what_it_does_not_carry_is_counted(exported: Exported) -> None:
    lost = {loss.what: loss for loss in exported.report.losses}
    assert set(lost) - {"geometry", "class names"} <= (LABEL_FACTS | PICTURE_FACTS)
    assert not set(lost) & exported.form.carries
    labels = [label for one in exported.pictures.values() for label in one.labels]
    if "risk" in lost:
        aged = sum(label.risk is None for label in labels)
        assert aged > 0
        assert (lost["risk"].lost, lost["risk"].total) == (len(labels) - aged, len(labels))
    assert "class_conflict" not in lost, "no label has it"
    of_pictures = {name: one.lost for name, one in lost.items() if name in PICTURE_FACTS}
    assert of_pictures == {
        name: count for name, count in FACTS_OF_36.items() if name not in exported.form.carries
    }


def test_the_report_lies_beside_it(exported: Exported) -> None:
    written = json.loads((exported.out / "export-report.json").read_text())
    assert written["format"] == exported.form.name
    assert list(written["classes"])[: len(NAMES)] == list(NAMES)
    assert sum(one["pictures"] for one in written["splits"].values()) == len(exported.pictures)
    assert not list(exported.out.parent.glob(".*"))


@pytest.mark.parametrize("name", READERS)
def test_a_split_may_be_empty_and_a_dataset_without_objects(name: str, tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", [stored(1)])
    wanted = Wanted(splits=parsed_splits("train=0.5,val=0.5"))
    order = Order(tmp_path / "data", tmp_path / "out", named(name), wanted, "copy")
    report = export_dataset(order, quiet)
    (one,) = READERS[name](order.out, {"front_x.jpg": (320, 180)} | _sizes(order.out))
    assert one.boxes == []
    assert one.path.is_file()
    assert sorted(split.pictures for split in report.splits.values()) == [0, 1]
    assert "is empty: each scene (1) fell into another" in report.advice[0]


def _sizes(out: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (320, 180) for path in out.rglob("*.jpg")}


@pytest.mark.parametrize("name", READERS)
def test_what_is_there_stays(name: str, tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", [stored(1, [made_box((0, 0, 1, 1), "person", 0.5)])])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("precious")
    order = Order(tmp_path / "data", tmp_path / "out", named(name), Wanted(), "link")
    with pytest.raises(ExportError, match="not empty: remove it"):
        export_dataset(order, quiet)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]
    (tmp_path / "out" / "mine").unlink()
    assert export_dataset(order, quiet).problems == (), "an empty folder is as good as none"
