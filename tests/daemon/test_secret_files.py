"""Who may read a file with a password, and what systemd hands over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gleancam.errors import ConfigurationError
from gleancam.secret_files import read_secret, secret_path

KEY = "mqtt.password_file"


def written(path: Path, mode: int, group: int | None = None) -> str:
    path.write_text("hunter2\n")
    path.chmod(mode)
    if group is not None:
        os.chown(path, -1, group)
    return str(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_ones_own_is_read(tmp_path: Path, mode: int) -> None:
    assert read_secret(KEY, written(tmp_path / "pass", mode)) == "hunter2"


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o660, 0o620, 0o777])
def test_a_file_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigurationError, match="open to other users") as caught:
        read_secret(KEY, written(tmp_path / "pass", mode))
    assert "hunter2" not in str(caught.value)
    assert "chmod 0600" in caught.value.cure


def test_a_group_may_read_only_what_root_gave_to_the_daemons_own(tmp_path: Path) -> None:
    root = os.geteuid() == 0
    other_group = os.getegid() + 1 if root else None
    with pytest.raises(ConfigurationError, match="open to other users"):
        read_secret(KEY, written(tmp_path / "pass", 0o640, other_group))
    if root:
        assert read_secret(KEY, written(tmp_path / "given", 0o640)) == "hunter2"


@pytest.fixture
def handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_a_credential_of_systemd(handed_over: Path) -> None:
    """Its access list for the service's user shows as the rights of its group."""
    other_group = os.getegid() + 1 if os.geteuid() == 0 else None
    written(handed_over / "mqtt.password", 0o440, other_group)

    assert read_secret(KEY, "credential:mqtt.password") == "hunter2"


def test_a_credential_that_everybody_can_read_is_refused(handed_over: Path) -> None:
    written(handed_over / "mqtt.password", 0o444)

    with pytest.raises(ConfigurationError, match="open to other users"):
        read_secret(KEY, "credential:mqtt.password")


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "../../etc/shadow"])
def test_a_credential_is_a_plain_name(handed_over: Path, name: str) -> None:
    assert handed_over.is_dir()
    with pytest.raises(ConfigurationError, match="names no credential"):
        secret_path(KEY, f"credential:{name}")


def test_without_systemd_there_are_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    with pytest.raises(ConfigurationError, match=r"LoadCredential=mqtt\.password:"):
        secret_path(KEY, "credential:mqtt.password")


def test_a_credential_that_was_not_handed_over(handed_over: Path) -> None:
    assert handed_over.is_dir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_secret(KEY, "credential:absent")
