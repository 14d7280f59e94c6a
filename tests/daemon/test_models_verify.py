"""`gleancam models verify`: where pictures come from, what is told, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gleancam.__main__ import main
from gleancam.jpeg import encode
from gleancam.site_pictures import read_site_pictures
from gleancam.spool.queue import Spool
from gleancam_engines.errors import PictureError
from gleancam_engines.manifest import load
from gleancam_engines.planes import JPEG_COLORIMETRY
from gleancam_engines.variants import write_variant
from made_models import write_model
from made_network import network, ruined, varied
from made_planes import scenery
from parcels import made_parcel

CONFIG = """
site = "s"
device = "d"
[spool]
path = "{spool}"
[directory]
path = "{out}"
[[cameras]]
id = "front"
source = "images"
path = "{out}"
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    write_model(tmp_path / "models" / "projection", network())
    return tmp_path / "models"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    for seed in range(32):
        Image.fromarray(scenery(48, 64, seed)).save(folder / f"{seed:02}.jpg")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(spool=tmp_path / "spool.db", out=tmp_path), encoding="utf-8")
    return path


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """A spool that a daemon has open."""
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    yield spool
    spool.close()


def keep(spool: Spool, count: int) -> None:
    for number, planes in enumerate(varied(count)):
        spool.add(replace(made_parcel(number), image=encode(planes, 90).jpeg))


def verify(models: Path, *arguments: str | Path) -> int:
    words = [str(one) for one in arguments]
    return main(["models", "verify", "projection", "--directory", str(models), *words])


def answer(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    receipts: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return receipts


def test_photographs_of_a_folder(
    models: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(models, "--images", photographs, "--backend", "openvino", "--json") == 0
    (receipt,) = answer(capsys)
    assert receipt["passed"] is True
    assert receipt["subject"]["backend"] == "openvino"
    assert (receipt["pictures"], receipt["batches"]) == (32, [1, 8])
    assert (models / "projection" / "receipts" / "openvino-fp32.json").is_file()


def test_the_table_is_for_people(
    models: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(models, "--images", photographs, "--backend", "onnxruntime") == 0
    out = capsys.readouterr().out
    assert "projection" in out
    assert "agrees" in out


def test_frames_that_wait_in_the_spool_of_a_running_daemon(
    models: Path, config: Path, spool: Spool, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(spool, 20)
    before = spool.stat()
    assert verify(models, "--config", config, "--backend", "onnxruntime", "--json") == 0
    assert answer(capsys)[0]["pictures"] == 20
    assert spool.stat() == before


def test_int8_is_made_and_verified(
    models: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--images", photographs, "--backend", "onnxruntime", "--precision", "int8", "--json")
    assert verify(models, *given, "--batch", "1,4") == 0
    (receipt,) = answer(capsys)
    assert (receipt["subject"]["precision"], receipt["batches"]) == ("int8", [1, 4])


def test_a_model_that_does_not_agree_exits_3(
    models: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = models / "projection"
    write_variant(folder, load(folder), "int8", ruined(), made_by="a test")
    given = ("--images", photographs, "--backend", "onnxruntime", "--precision", "int8")
    assert verify(models, *given) == 3
    assert "fails" in capsys.readouterr().out


def test_too_few_pictures_exit_3(
    models: Path, config: Path, spool: Spool, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(spool, 3)
    assert verify(models, "--config", config, "--backend", "onnxruntime") == 3
    assert "3 pictures are too few" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("there", ["empty spool", "no spool"])
def test_no_pictures_at_all_exits_2_and_says_what_to_give(
    models: Path, config: Path, there: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if there == "empty spool":
        Spool.open(tmp_path / "spool.db", 10**9, 0).close()
    assert verify(models, "--config", config) == 2
    assert "--images DIR" in capsys.readouterr().err


def test_no_configuration_and_no_images_exits_2(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(models, "--config", tmp_path / "none.toml") == 2
    assert "--images DIR" in capsys.readouterr().err


def test_of_many_frames_some_are_taken_evenly_oldest_first(spool: Spool, tmp_path: Path) -> None:
    for number in range(10):
        keep_of(spool, number, height=20 + 2 * number)
    found = read_site_pictures(tmp_path / "spool.db", limit=3)
    assert [one.height for one in found] == [20, 26, 32]
    assert {one.colorimetry for one in found} == {JPEG_COLORIMETRY}


def keep_of(spool: Spool, number: int, *, height: int) -> None:
    planes = varied(1)[0]
    jpeg = encode(
        replace(planes, y=planes.y[:height], u=planes.u[: height // 2], v=planes.v[: height // 2]),
        90,
    )
    spool.add(replace(made_parcel(number), image=jpeg.jpeg))


def test_events_have_no_picture(spool: Spool, tmp_path: Path) -> None:
    spool.add(replace(made_parcel(1), kind="event", image=None))
    assert read_site_pictures(tmp_path / "spool.db") == ()


def test_a_damaged_picture_is_named(spool: Spool, tmp_path: Path) -> None:
    spool.add(made_parcel(7))
    with pytest.raises(PictureError, match=r"sample parcel-7 of .*spool\.db cannot be read"):
        read_site_pictures(tmp_path / "spool.db")
