from __future__ import annotations

from pathlib import Path

import pytest

from gleancam.model_directory import model_directory


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cache" / "models").mkdir(parents=True)
    assert model_directory({"GLEANCAM_MODELS": "/models"}) == Path("/models")


def test_a_checkout_uses_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cache" / "models").mkdir(parents=True)
    assert model_directory({}) == Path(".cache/models")


def test_a_device_uses_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert model_directory({}) == Path("/var/lib/gleancam/models")
