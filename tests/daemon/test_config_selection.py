"""Mistakes in `[selection]`: tags, classes and the files of prototypes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gleancam.__main__ import main
from gleancam.config.file import check_files, load
from gleancam.config.keys import Config
from gleancam.config.problem import InvalidConfigurationError
from gleancam.doctor import prototypes as doctor
from gleancam.doctor.finding import Level
from gleancam.parts.references import read_references
from gleancam_engines import manifest
from gleancam_engines.errors import PrototypeError
from gleancam_engines.prototypes import Prototypes, save
from made_models import projection, write_model

BASE = """
site = "s"
device = "d"
[[cameras]]
source = "test"
id = "gate"
[directory]
path = "{root}/out"
[spool]
path = "{root}/spool.db"
[models]
directory = "{root}/models"
embedder = "projection"
detectors = []
"""
NEAR = """
[[selection.near]]
tag = "door"
prototypes = "{root}/door.npz"
threshold = 0.5
"""
SCENES = """
[selection.zero_shot]
prototypes = "{root}/door.npz"
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration beside an embedder, and a file of prototypes that fits it."""
    folder = write_model(tmp_path / "models" / "projection", projection())
    save(tmp_path / "door.npz", made(manifest.load(folder).space_id))

    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text((BASE + text).replace("{root}", str(tmp_path)))
        return path

    return write


def made(space_id: str) -> Prototypes:
    return Prototypes(("open", "shut"), np.eye(2, 8, dtype=np.float32), 10.0, None, space_id)


def problems(path: Path) -> list[str]:
    with pytest.raises(InvalidConfigurationError) as caught:
        check_files(load(path), "config.toml")
    return [str(problem) for problem in caught.value.problems]


def test_what_fits_is_no_problem_and_is_read(write: Write) -> None:
    classes = 'classes = ["shut", "open"]\n'
    config = load(write(NEAR + 'classes = ["shut"]\ncameras = ["gate"]\n' + SCENES + classes))
    check_files(config, "config.toml")
    read = read_references(config.selection, space_id(config))
    np.testing.assert_array_equal(read.tags["door"], np.eye(2, 8, dtype=np.float32)[1:])
    assert read.classes is not None
    assert read.classes.names == ("shut", "open")
    np.testing.assert_array_equal(read.classes.vectors, np.eye(2, 8, dtype=np.float32)[::-1])
    assert [finding.level for finding in doctor.examine(config)] == [Level.OK]


def space_id(config: Config) -> str:
    return manifest.load(Path(config.models.directory) / config.models.embedder).space_id


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        (NEAR + NEAR, 'selection.near = "door": is the tag of 2'),
        (NEAR + 'classes = ["a", "a"]', 'selection.near[0].classes = "a": is named 2 times'),
        (NEAR + "classes = []", "selection.near[0].classes = []: must be an array"),
        (NEAR + 'cameras = ["gat"]', 'did you mean "gate"?'),
        (NEAR + "[selection.uncertain]\nenabled = true", "needs a detector"),
        (NEAR.replace("0.5", "0"), "selection.near[0].threshold = 0"),
        (NEAR.replace("threshold = 0.5", ""), "selection.near[0].threshold: is missing"),
        (NEAR.replace("door", "Door", 1), "selection.near[0].tag"),
        (SCENES + "classes = []", "selection.zero_shot.classes = []"),
        (SCENES + 'classes = ["a", "a"]', "selection.zero_shot.classes"),
        (SCENES + "tau = 2", "selection.zero_shot.tau = 2"),
        ("[selection.zero_shot]\ntau = 0.5", "selection.zero_shot.prototypes: is missing"),
    ],
)
def test_keys_that_are_wrong(write: Write, addition: str, expected: str) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        load(write(addition))
    assert [expected in str(problem) for problem in caught.value.problems] == [True]


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        (NEAR.replace("door.npz", "no.npz"), "selection.near[0].prototypes"),
        (NEAR + 'classes = ["opn"]', 'did you mean "open"?'),
        (SCENES.replace("door.npz", "no.npz"), "selection.zero_shot.prototypes"),
        (SCENES + 'classes = ["fog"]', 'selection.zero_shot.classes = "fog": is no class of'),
    ],
)
def test_files_that_are_wrong(write: Write, addition: str, expected: str) -> None:
    (found,) = problems(write(addition))
    assert expected in found


def test_prototypes_of_another_space_are_refused_with_the_cure_wherever_one_looks(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "door.npz", made("f" * 16))
    path = write(NEAR + SCENES)
    found = problems(path)
    assert [text.partition(" ")[0] for text in found] == [
        "selection.near[0].prototypes",
        "selection.zero_shot.prototypes",
    ]
    assert all("gleancam models prototypes" in text for text in found)

    assert main(["check", "--json", "--config", str(path)]) == 2
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 2
    assert main(["run", "--config", str(path)]) == 2
    assert "of embedding space ffffffffffffffff" in capsys.readouterr().err

    config = load(path)
    findings = list(doctor.examine(config))
    assert [finding.level for finding in findings] == [Level.FAIL, Level.FAIL]
    assert all("make it again" in finding.cure for finding in findings)
    with pytest.raises(PrototypeError, match="their cosines mean nothing"):
        read_references(config.selection, space_id(config))


def test_a_class_that_went_missing_after_the_check_is_still_refused(write: Write) -> None:
    config = load(write(NEAR + 'classes = ["fog"]'))
    with pytest.raises(PrototypeError, match="has no class 'fog'; it has open, shut"):
        read_references(config.selection, space_id(config))


def test_without_prototypes_the_doctor_says_nothing_of_them(write: Write) -> None:
    assert list(doctor.examine(load(write("")))) == []


def test_other_prototypes_are_another_policy(write: Write, tmp_path: Path) -> None:
    config = load(write(NEAR + SCENES))
    space = space_id(config)
    before = read_references(config.selection, space).digest
    assert read_references(config.selection, space).digest == before
    other = Prototypes(("open", "shut"), -np.eye(2, 8, dtype=np.float32), 10.0, None, space)
    save(tmp_path / "door.npz", other)
    assert read_references(config.selection, space).digest != before
