"""The doctor on calibrations: of the very committee that the daemon would put together."""

from __future__ import annotations

from pathlib import Path

from gleancam.config.keys import Config, Models, TestCamera
from gleancam.doctor import calibration
from gleancam.doctor.finding import Level
from gleancam.parts.labelling import OpenDetector, make_committee, make_panel
from gleancam_engines.calibrations import CalibrationFile, calibration_path, write_calibration
from gleancam_engines.committee_identity import committee_digest, identity
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.manifest import load
from gleancam_engines.voting.calibration import Curve
from made_detector import write_contrast


def config_of(folder: Path, detectors: tuple[str, ...] = ("contrast",)) -> Config:
    models = Models(directory=str(folder), detectors=detectors)
    return Config(site="s", device="d", cameras=(TestCamera(id="a"),), models=models)


def found(folder: Path) -> list[Level]:
    return [one.level for one in calibration.examine(config_of(folder))]


def test_a_committee_without_a_calibration_is_told_and_one_with_is_well(tmp_path: Path) -> None:
    manifest = load(write_contrast(tmp_path / "contrast"))
    committee = make_committee(config_of(tmp_path), [manifest], [manifest])
    path = calibration_path(tmp_path, committee)
    assert found(tmp_path) == [Level.INFO]
    made = CalibrationFile(
        committee=identity(committee),
        method="temperature",
        common=Curve(2.0),
        by_class={},
        labels=9,
        images=3,
        ece_before=0.2,
        ece_after=0.1,
    )
    write_calibration(path, made)
    assert found(tmp_path) == [Level.OK]
    path.write_text("{")
    assert found(tmp_path) == [Level.FAIL]


def test_without_detectors_or_manifests_nothing_is_said(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    assert list(calibration.examine(config_of(tmp_path, ()))) == []


def test_the_committee_is_that_of_the_running_panel(tmp_path: Path) -> None:
    manifest = load(write_contrast(tmp_path / "contrast"))
    detector, config = FakeDetector(), config_of(tmp_path)
    panel = make_panel(config, [OpenDetector(manifest, detector)])
    alone = make_committee(config, [manifest], [detector])
    assert committee_digest(panel.committee) == committee_digest(alone)
