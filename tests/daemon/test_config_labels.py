"""Mistakes in `[labels]`: classes, members, routes and votes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gleancam.config.file import check_files, load
from gleancam.config.problem import InvalidConfigurationError
from gleancam.doctor import labels as doctor
from gleancam.doctor.finding import Level
from gleancam_engines import manifest
from gleancam_engines.prototypes import Prototypes, save
from made_models import projection, write_model

CATALOGUE = Path(manifest.__file__).parent / "catalogue"
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
detectors = ["yolox-nano", "picodet-416"]
"""
CLASSES = """
[labels.ontology.person]
sources = ["yolox-nano:person", "picodet-416:person"]
[labels.ontology.vehicle]
sources = ["yolox-nano:car", "yolox-nano:truck"]
confidence = 0.4
"""
NIGHT = '[labels.members.picodet-416]\nonly = ["night", "unknown"]\n'
NAMES = '[selection.zero_shot]\nprototypes = "{root}/names.npz"\n'
WEIGHTLESS = """
[labels.informativeness]
label = "weighted"
weights = { entropy = 0, bald = 0, loc_spread = 0 }
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration beside an embedder, two detectors' manifests and names of frames."""
    folder = write_model(tmp_path / "models" / "projection", projection())
    for name in ("yolox-nano", "picodet-416"):
        (tmp_path / "models" / name).mkdir()
        text = (CATALOGUE / name / "manifest.toml").read_text()
        (tmp_path / "models" / name / "manifest.toml").write_text(text)
    rows = np.eye(2, 8, dtype=np.float32)
    space_id = manifest.load(folder).space_id
    save(tmp_path / "names.npz", Prototypes(("day", "night"), rows, 10.0, None, space_id))

    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text((BASE + text).replace("{root}", str(tmp_path)))
        return path

    return write


def found(problem: pytest.ExceptionInfo[InvalidConfigurationError]) -> list[str]:
    return [str(each) for each in problem.value.problems]


def test_what_fits_is_no_problem(write: Write) -> None:
    config = load(write(CLASSES + NIGHT + NAMES + '[labels]\nstrategy = "consensus"'))
    check_files(config, "config.toml")
    assert list(config.labels.ontology) == ["person", "vehicle"], "the order is the file's"
    assert [finding.level for finding in doctor.examine(config)] == [Level.OK]


def test_without_names_the_doctor_says_nothing_of_them(write: Write) -> None:
    assert list(doctor.examine(load(write("")))) == []


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ('[labels.ontology]\nperson = ["yolox-nano:person"]', "ontology.person = ["),
        ('[labels.ontology]\nperson = "yolox-nano:person"', "must be a table"),
        ('[labels]\nontology = ["person"]', "labels.ontology = ['person']: must be a table of"),
        ("[labels.ontology.person]", "labels.ontology.person.sources: is missing"),
        ("[labels.ontology.person]\nsources = []", "labels.ontology.person.sources = []"),
        ('[labels.ontology.person]\nsources = ["person"]', 'as "yolox-nano:person"'),
        ('[labels.ontology.person]\nsources = [["yolox-nano", "person"]]', "sources[0]"),
        ('[labels.ontology.""]\nsources = ["yolox-nano:person"]', "labels.ontology = ''"),
        (CLASSES.replace("0.4", "2"), "labels.ontology.vehicle.confidence = 2"),
        ("[labels]\nconfidence = 0.01", "labels.confidence = 0.01"),
        (CLASSES.replace("0.4", "0.01"), "must not be below models.raw_confidence (0.05)"),
        (CLASSES.replace("416:person", "415:person"), 'did you mean "picodet-416"?'),
        (CLASSES.replace(":truck", ":person"), "stands at labels.ontology.person.sources[0]"),
        ("[labels.members.yolo]\nweight = 1", 'labels.members.yolo = "yolo": is none of models'),
        ("[labels.members.yolox-nano]\nweight = 0", "labels.members.yolox-nano.weight = 0"),
        ("[labels.members.yolox-nano]\nvariants = []", "yolox-nano.variants = []"),
        ('[labels.members.yolox-nano]\nvariants = ["flip"]', "variants[0] = 'flip': must be \"no"),
        ('[labels.members.yolox-nano]\nvariants = ["gamma1"]', "0.01 to 9.99"),
        ('[labels.members.yolox-nano]\nvariants = ["none", "none"]', "is named 2 times"),
        ("[labels.members.yolox-nano]\ntimeout_s = 0", "yolox-nano.timeout_s = 0"),
        ("[labels.members]\nyolox-nano = 2", "labels.members.yolox-nano = 2: must be a table"),
        (NIGHT, "labels.members.picodet-416.only: needs names of frames"),
        (NIGHT + NAMES + 'classes = ["day", "nigth"]', 'did you mean "nigth"?'),
        (NIGHT + NAMES + "classes = []", "selection.zero_shot.classes = []"),
        ('[labels]\nstrategy = "quorum"\nquorum = 3', "labels.quorum wants 3 votes, and there are"),
        ("[labels]\nquorum = 0", "labels.quorum = 0"),
        ('[labels]\nstrategy = "single"', "labels.strategy = 'single'"),
        ('[labels]\ncompat = "onepanel"', 'labels.compat = "onepanel": knows no strategy "wbf"'),
        ("[labels]\niou = 1.5", "labels.iou = 1.5"),
        (
            WEIGHTLESS,
            "labels.informativeness.weights = {…}: are all 0",
        ),
        ("[labels.informativeness]\ntop = 0", "labels.informativeness.top = 0"),
    ],
)
def test_keys_that_are_wrong(write: Write, addition: str, expected: str) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        load(write(addition))
    assert [expected in text for text in found(caught)] == [True], found(caught)


def test_a_class_that_can_never_have_the_votes_is_named(write: Write) -> None:
    quorum = '[labels]\nstrategy = "quorum"\n'
    variants = '[labels.members.yolox-nano]\nvariants = ["none", "hflip"]\n'
    with pytest.raises(InvalidConfigurationError) as caught:
        load(write(quorum + CLASSES))
    (text,) = found(caught)
    assert text.startswith("labels.ontology.vehicle: labels.quorum wants 2 votes, and it can get")
    load(write(quorum + CLASSES + variants))


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        (CLASSES.replace(":truck", ":lorry"), 'sources[1] = "yolox-nano:lorry": yolox-nano has no'),
        (CLASSES.replace(":truck", ":trucks"), 'did you mean "truck"?'),
        (NIGHT.replace("night", "fog") + NAMES, 'labels.members.picodet-416.only = "fog": is no'),
    ],
)
def test_names_that_files_do_not_have(write: Write, addition: str, expected: str) -> None:
    config = load(write(addition))
    with pytest.raises(InvalidConfigurationError) as caught:
        check_files(config, "config.toml")
    (text,) = found(caught)
    assert expected in text
    assert [finding.level for finding in doctor.examine(config)] == [Level.FAIL]


def test_where_models_are_wrong_labels_are_not_blamed(write: Write) -> None:
    text = write(CLASSES).read_text().replace('embedder = "projection"', "embedder = 3")
    path = write("")
    path.write_text(text)
    with pytest.raises(InvalidConfigurationError) as caught:
        load(path)
    assert [text.partition(" ")[0] for text in found(caught)] == ["models.embedder"]


def test_two_detectors_of_one_name_are_refused(write: Write, tmp_path: Path) -> None:
    text = (CATALOGUE / "yolox-nano" / "manifest.toml").read_text()
    (tmp_path / "models" / "picodet-416" / "manifest.toml").write_text(text)
    with pytest.raises(InvalidConfigurationError) as caught:
        check_files(load(write("")), "config.toml")
    (problem,) = found(caught)
    assert problem.startswith("models.detectors = \"picodet-416\": is called 'yolox-nano' by its")
