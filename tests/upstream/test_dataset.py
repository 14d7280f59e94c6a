from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PIL import Image

from gleancam.types import Reason
from gleancam.wire.address import Address
from gleancam.wire.event import event_data
from gleancam.wire.parcel import Parcel
from gleancam.wire.sample import sample_data
from gleancam_upstream.arrivals import EventArrived, SampleArrived
from gleancam_upstream.contact_sheet import GAP, HEADER, MAX_FRAMES, write_sheet
from gleancam_upstream.dataset import FolderDataset
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.sheet_tile import TILE
from made_samples import TOPICS, made_event, made_parcel


def arrived(parcel: Parcel) -> SampleArrived:
    assert parcel.image is not None
    address = Address(TOPICS, "sample", parcel.camera_id)
    return SampleArrived(
        address, sample_data(parcel.data), parcel.data, parcel.image, time.time_ns()
    )


def test_what_is_written_is_remembered(tmp_path: Path) -> None:
    sample, event = arrived(made_parcel(1)), made_event()
    told = EventArrived(Address(TOPICS, "event", "front"), event_data(event.data), event.data, 1)
    with FolderDataset(tmp_path) as dataset:
        assert dataset.write([sample, told]) == (sample, told)
        assert sample.parcel_id not in dataset.seen, "that comes with the acknowledgement"
    with FolderDataset(tmp_path) as dataset:
        assert sample.parcel_id in dataset.seen
        assert event.parcel_id in dataset.seen
    assert not list(tmp_path.rglob("*.part"))


def test_files_without_a_line_are_written_again(tmp_path: Path) -> None:
    sample = arrived(made_parcel(1))
    with FolderDataset(tmp_path) as dataset:
        dataset.write([sample])
    (tmp_path / "index.jsonl").write_bytes(b'{"sample_id": "torn')
    with FolderDataset(tmp_path) as dataset:
        assert sample.parcel_id not in dataset.seen
        dataset.write([sample])
    (line,) = (tmp_path / "index.jsonl").read_text().splitlines()
    assert json.loads(line)["sample_id"] == sample.parcel_id


def test_a_damaged_index_is_told_with_its_line(tmp_path: Path) -> None:
    with FolderDataset(tmp_path) as dataset:
        dataset.write([arrived(made_parcel(1))])
    with (tmp_path / "index.jsonl").open("ab") as file:
        file.write(b"nonsense\n")
    with pytest.raises(DatasetError, match="line 2"):
        FolderDataset(tmp_path)


def test_a_folder_is_opened_once(tmp_path: Path) -> None:
    with FolderDataset(tmp_path), pytest.raises(DatasetError, match="in use"):
        FolderDataset(tmp_path)


@pytest.mark.parametrize("count", [1, 7, MAX_FRAMES + 25])
def test_the_sheet_is_bounded(tmp_path: Path, count: int) -> None:
    kept = [
        arrived(
            made_parcel(
                seed,
                labels=seed % 5,
                reason=Reason.SCENE_CHANGE if seed % 3 else Reason.NOVEL,
                score=float("inf") if seed == 0 else 0.3,
                camera="camera-with-a-name-of-very-many-letters" if seed == 1 else "front",
            )
        )
        for seed in range(count)
    ]
    with FolderDataset(tmp_path / "data") as dataset:
        dataset.write(kept)
    out = tmp_path / "kept.jpg"
    write_sheet(tmp_path / "data", out)
    with Image.open(out) as sheet:
        assert sheet.format == "JPEG"
        columns = (sheet.width - GAP) // (TILE[0] + GAP)
        lines = (sheet.height - HEADER) // (TILE[1] + GAP)
        assert min(count, MAX_FRAMES) <= columns * lines < min(count, MAX_FRAMES) + columns + 1


def test_boxes_are_drawn_where_they_are(tmp_path: Path) -> None:
    plain, labelled = arrived(made_parcel(4, labels=0)), arrived(made_parcel(4, labels=1))
    pictures = []
    for name, sample in (("plain", plain), ("labelled", labelled)):
        with FolderDataset(tmp_path / name) as dataset:
            dataset.write([sample])
        write_sheet(tmp_path / name, tmp_path / f"{name}.jpg")
        with Image.open(tmp_path / f"{name}.jpg") as sheet:
            pictures.append(sheet.convert("RGB"))
    box = labelled.data.labels[0].box
    x = GAP + int((box[0] + box[2]) / 2 * 384)
    y = HEADER + int(box[3] * 216) - 1
    there = [picture.getpixel((x, y)) for picture in pictures]
    assert there[0] != there[1]
    inside = (x, HEADER + int((box[1] + box[3]) / 2 * 216))
    assert pictures[0].getpixel(inside) == pictures[1].getpixel(inside)


def test_no_dataset_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset"):
        write_sheet(tmp_path, tmp_path / "kept.jpg")
    with FolderDataset(tmp_path):
        pass
    with pytest.raises(DatasetError, match="no samples"):
        write_sheet(tmp_path, tmp_path / "kept.jpg")
