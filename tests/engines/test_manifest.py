from __future__ import annotations

from pathlib import Path

import pytest

from gleancam_engines import catalogue
from gleancam_engines.errors import ManifestError
from gleancam_engines.manifest import load, parse
from gleancam_engines.vocabularies import CLASS_IDS, COCO_80
from made_models import manifest_text, projection

TEXT = manifest_text(projection())


@pytest.mark.parametrize("name", catalogue.names())
def test_every_manifest_of_the_catalogue_loads(name: str) -> None:
    manifest = load(catalogue.find(name))
    assert manifest.name == name
    assert manifest.licence
    assert manifest.homepage.startswith("https://")
    assert manifest.checked
    assert (manifest.task == "detect") == bool(manifest.class_names)


def test_detectors_of_the_catalogue_say_their_published_ap() -> None:
    found = {name: load(catalogue.find(name)) for name in catalogue.names()}
    assert {name for name, one in found.items() if one.ap} == {"yolox-nano", "picodet-416"}
    assert not any(one.batched for one in found.values() if one.task == "detect")


def test_the_catalogue_suggests_a_name() -> None:
    with pytest.raises(ManifestError, match="did you mean 'yolox-nano'"):
        catalogue.find("yolo-nano")


def test_a_missing_manifest_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="gleancam models fetch nothing-here"):
        load(tmp_path / "nothing-here")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "projection"', "", "missing required field `name`"),
        ('name = "projection"', 'name = "../up"', r"\$.name"),
        ('name = "projection"', 'name = "projection"\ncolour = 1', "unknown field `colour`"),
        ('task = "embed"', 'task = "detect"', "do not go together"),
        ('task = "embed"', 'task = "embed"\nap = 0', r"\$.ap"),
        ('task = "embed"', 'task = "embed"\nap = 25.8', r"\$.ap"),
        ('decoder = "embedding"', 'decoder = "yolo"', r"\$.decoder"),
        ('name = "model.onnx"', 'name = "../model.onnx"', r"\$.files\[0\].name"),
        ('name = "model.onnx"', 'name = "/etc/passwd"', r"\$.files\[0\].name"),
        ('name = "model.onnx"', 'name = "manifest.toml"', "none may be manifest.toml"),
        ('path = "model.onnx"', 'path = "../../secret"', "must not contain '..'"),
        ('kind = "file"', 'kind = "shell"', "Invalid value 'shell'"),
        ('kind = "file"\npath = "model.onnx"', 'kind = "https"\nurl = "http://a/b"', "https://"),
        (
            'kind = "file"\npath = "model.onnx"',
            'kind = "https"\nurl = "https://me:secret@a/b"',
            "user or password",
        ),
        (
            'kind = "file"\npath = "model.onnx"',
            'kind = "package"\nrequirement = "a==1"\nmember = "../b"',
            "inside the wheel",
        ),
        (
            'kind = "file"\npath = "model.onnx"',
            'kind = "package"\nrequirement = "--index-url=x"\nmember = "b"',
            "name==version",
        ),
        ("height = 16", "height = 0", r"\$.preprocess.height"),
        ("height = 16", "std = [0, 1, 1]\nheight = 16", "std must be above 0"),
        ("height = 16", 'dtype = "uint8"\nheight = 16', "needs divisor 1"),
        ("[[files]]", "[[files", "manifest.toml"),
    ],
)
def test_says_what_is_wrong_and_where(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(ManifestError, match=told) as caught:
        parse(TEXT.replace(old, new), Path("here/manifest.toml"))
    assert "here/manifest.toml" in str(caught.value)
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('mode = "squash"', 'mode = "crop"'),
        ("height = 16", "height = 17"),
        ('sha256 = "', 'sha256 = "0" #'),
    ],
)
def test_another_space_has_another_name(old: str, new: str) -> None:
    new = 'sha256 = "' + "0" * 64 + '" #' if old.startswith("sha256") else new
    here = Path("manifest.toml")
    assert parse(TEXT.replace(old, new), here).space_id != parse(TEXT, here).space_id


def test_words_for_people_do_not_change_the_space() -> None:
    here = Path("manifest.toml")
    other = parse(TEXT.replace('licence = "Apache-2.0"', 'licence = "MIT"'), here)
    assert other.space_id == parse(TEXT, here).space_id
    assert len(other.space_id) == 16


def test_the_vocabulary_is_complete() -> None:
    assert len(set(COCO_80)) == 80
    assert (COCO_80[0], COCO_80[5], COCO_80[79]) == ("person", "bus", "toothbrush")


def test_coco_ids_have_the_gaps_of_the_dataset() -> None:
    """Category ids on both sides of every gap, as the annotations of COCO 2017 have them."""
    ids = dict(zip(COCO_80, CLASS_IDS["coco-91"], strict=True))
    around = {
        "person": 1,
        "fire hydrant": 11,
        "stop sign": 13,
        "zebra": 24,
        "giraffe": 25,
        "backpack": 27,
        "umbrella": 28,
        "handbag": 31,
        "bottle": 44,
        "wine glass": 46,
        "bed": 65,
        "dining table": 67,
        "toilet": 70,
        "tv": 72,
        "refrigerator": 82,
        "book": 84,
        "toothbrush": 90,
    }
    assert {name: ids[name] for name in around} == around
    assert CLASS_IDS["coco-90"] == tuple(number - 1 for number in CLASS_IDS["coco-91"])
