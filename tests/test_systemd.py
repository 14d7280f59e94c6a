"""The unit, its user and its folders: as systemd reads them, and installed into an empty root."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gleancam.parts import budgets
from layers import ROOT

UNIT = ROOT / "systemd" / "gleancam.service"
EXECUTABLE = "/opt/gleancam/bin/gleancam"
DROPINS = {"devices": 19, "jetson": 21}
EXPOSURE = {"": 14, **DROPINS}
"""Tenths of `systemd-analyze security`, where 100 is an unprotected service: alone, and with each
drop-in."""

# systemd.unit, .service, .exec, .kill and .resource-control (5), those of version 249 and before.
KNOWN_TO_249 = {
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec"},
    "Service": {
        "Type",
        "NotifyAccess",
        "ExecStart",
        "Restart",
        "RestartSec",
        "RestartPreventExitStatus",
        "WatchdogSec",
        "TimeoutStartSec",
        "TimeoutStopSec",
        "KillMode",
        "User",
        "Group",
        "StateDirectory",
        "StateDirectoryMode",
        "Environment",
        "UMask",
        "NoNewPrivileges",
        "CapabilityBoundingSet",
        "AmbientCapabilities",
        "ProtectSystem",
        "ProtectHome",
        "PrivateTmp",
        "PrivateMounts",  # 239
        "PrivateDevices",
        "ProtectClock",  # 245
        "ProtectControlGroups",
        "ProtectHostname",  # 242
        "ProtectKernelLogs",  # 244
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "ProtectProc",  # 247
        "LockPersonality",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",  # 242
        "RemoveIPC",
        "RestrictAddressFamilies",
        "SystemCallArchitectures",
        "SystemCallFilter",
        "SystemCallErrorNumber",
    },
    "Install": {"WantedBy"},
}


def keys(file: Path = UNIT) -> Iterator[tuple[str, str, str]]:
    section = ""
    for line in file.read_text().splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            yield section, key, value


def value(key: str, file: Path = UNIT) -> str:
    (found,) = [text for _, name, text in keys(file) if name == key]
    return found


def dropin(name: str) -> Path:
    return UNIT.with_name(f"{name}.conf")


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    # Verifying wants the program to be there.
    unit.write_text(UNIT.read_text().replace(EXECUTABLE, "/bin/true"))
    folder = tmp_path / "gleancam.service.d"
    folder.mkdir()
    for name in DROPINS:
        shutil.copy(dropin(name), folder)

    verified = analyze("verify", "--man=no", unit)

    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_check_would_notice_an_unknown_key(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    text = UNIT.read_text().replace(EXECUTABLE, "/bin/true")
    unit.write_text(text.replace("UMask=", "UMusk="))

    assert "UMusk" in analyze("verify", "--man=no", unit).stderr


@pytest.mark.parametrize("name", EXPOSURE)
def test_the_service_is_as_confined_as_is_said(name: str, tmp_path: Path) -> None:
    unit = Path(shutil.copy(UNIT, tmp_path))
    if name:
        folder = tmp_path / "gleancam.service.d"
        folder.mkdir()
        shutil.copy(dropin(name), folder)

    checked = analyze("security", "--offline=yes", f"--threshold={EXPOSURE[name]}", unit)

    assert checked.returncode == 0, checked.stdout
    assert f"{EXPOSURE[name] / 10}" in checked.stdout.splitlines()[-1]


def test_the_base_unit_stays_below_its_limit() -> None:
    assert EXPOSURE[""] <= 20


def test_every_key_is_known_to_the_oldest_systemd() -> None:
    assert {(section, key) for section, key, _ in keys()} == {
        (section, key) for section, known in KNOWN_TO_249.items() for key in known
    }


def test_large_temporary_files_go_to_the_disk() -> None:
    assert value("ProtectSystem") == "strict"
    assert "gleancam/tmp" in value("StateDirectory").split()
    assert value("Environment") == "TMPDIR=%S/gleancam/tmp"


@pytest.mark.parametrize("name", DROPINS)
def test_nothing_closes_the_devices_of_cameras_and_gpus_or_forbids_compiling(name: str) -> None:
    assert value("PrivateDevices", dropin(name)) == value("ProtectClock", dropin(name)) == "no"
    assert {key for _, key, _ in (*keys(), *keys(dropin(name)))}.isdisjoint(
        {"DeviceAllow", "DevicePolicy", "MemoryDenyWriteExecute"}
    )


def test_csi_cameras_are_reached_through_tmp() -> None:
    assert value("PrivateTmp") == "yes"
    assert value("PrivateTmp", dropin("jetson")) == "no"
    assert "nvargus-daemon.service" in value("After", dropin("jetson"))


def test_it_restarts_for_ever_but_not_on_a_wrong_configuration() -> None:
    assert (value("Restart"), value("RestartSec")) == ("always", "5")
    assert value("StartLimitIntervalSec") == "0"
    assert value("RestartPreventExitStatus") == "2"
    assert (value("Type"), value("WatchdogSec")) == ("notify", "60")


def test_stopping_may_take_longer_than_all_budgets_together() -> None:
    seconds = [number for name, number in vars(budgets).items() if name.endswith("_BUDGET_S")]

    assert len(seconds) == 7
    assert sum(seconds) <= 31
    assert int(value("TimeoutStopSec")) > sum(seconds)


@pytest.mark.parametrize("name", DROPINS)
def test_cameras_and_gpu_groups_are_made_and_joined(name: str) -> None:
    lines = (ROOT / "systemd" / "gleancam.sysusers").read_text().splitlines()

    for group in value("SupplementaryGroups", dropin(name)).split():
        assert f"g {group} - -" in lines
        assert f"m gleancam {group}" in lines


@pytest.fixture
def empty_root(tmp_path: Path) -> Path:
    for folder in ("etc", "var/lib", "usr/lib/sysusers.d", "usr/lib/tmpfiles.d"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("sysusers", "tmpfiles"):
        copy = tmp_path / f"usr/lib/{name}.d" / "gleancam.conf"
        shutil.copy(ROOT / "systemd" / f"gleancam.{name}", copy)
    return tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="making users and owners needs root")
def test_user_and_folders_are_made(empty_root: Path) -> None:
    config = empty_root / "etc/gleancam/config.toml"
    config.parent.mkdir()
    config.touch(0o644)
    (empty_root / "var/lib/gleancam/models/fetched-by-root").mkdir(parents=True)
    (empty_root / "var/lib/gleancam/tmp/left-over").mkdir(parents=True)
    for program in (["systemd-sysusers"], ["systemd-tmpfiles", "--remove", "--create"]):
        command = [*program, f"--root={empty_root}", "gleancam.conf"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "gleancam.conf:" not in done.stderr

    passwd = (empty_root / "etc/passwd").read_text()
    user, group = re.findall(r"^gleancam:x:(\d+):(\d+):", passwd, re.MULTILINE)[0]
    for folder in (
        "gleancam",
        "gleancam/models",
        "gleancam/models/fetched-by-root",
        "gleancam/tmp",
    ):
        state = (empty_root / "var/lib" / folder).stat()
        assert (str(state.st_uid), str(state.st_gid)) == (user, group), folder
    assert not list((empty_root / "var/lib/gleancam/tmp").iterdir())
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert (config.stat().st_uid, str(config.stat().st_gid)) == (0, group)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    make("install", root)
    return root


def make(target: str, root: Path, *settings: str) -> str:
    command = ["make", "--silent", "-C", str(ROOT), target, f"DESTDIR={root}", *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestInstall:
    """`make install` into a folder: one installation, looked at from several sides."""

    def test_it_runs_without_the_checkout(self, installed: Path) -> None:
        python = installed / "opt/gleancam/bin/python"
        program = "import gleancam, gleancam.wire.schemas as s; print(gleancam.__file__)"

        done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)

        assert Path(done.stdout).is_relative_to(installed / "opt/gleancam")

    def test_nothing_installed_knows_where_it_came_from(self, installed: Path) -> None:
        texts = [installed / "opt/gleancam/pyvenv.cfg", *(installed / "opt/gleancam/bin").iterdir()]
        texts += (installed / "usr/lib").rglob("gleancam*")

        for path in (each for each in texts if each.is_file() and not each.is_symlink()):
            content = path.read_bytes()
            assert str(installed).encode() not in content, path
            assert str(ROOT).encode() not in content, path

    def test_the_unit_starts_what_is_installed(self, installed: Path) -> None:
        program = value("ExecStart").split()[0]

        assert os.access(installed / program.lstrip("/"), os.X_OK)
        assert (installed / "usr/lib/systemd/system/gleancam.service").is_file()
        assert (installed / "usr/local/bin/gleancam").readlink() == Path(program)

    def test_the_configuration_is_private_and_kept(self, installed: Path, tmp_path: Path) -> None:
        root = shutil.copytree(installed, tmp_path / "root", symlinks=True)
        config = root / "etc/gleancam/config.toml"
        assert stat.S_IMODE(config.stat().st_mode) == 0o640
        config.write_text("# mine")
        spool = root / "var/lib/gleancam/spool.db"
        spool.parent.mkdir(parents=True)
        spool.write_text("samples")

        assert "keeping" in make("install", root)
        assert config.read_text() == "# mine"
        make("uninstall", root)

        assert (config.read_text(), spool.read_text()) == ("# mine", "samples")
        assert not (root / "opt/gleancam").exists()
        assert not (root / "usr/lib/systemd/system/gleancam.service").exists()

    def test_devices_are_opened_only_where_they_are_wanted(
        self, installed: Path, tmp_path: Path
    ) -> None:
        root = shutil.copytree(installed, tmp_path / "root", symlinks=True)
        installed_dropin = root / "usr/lib/systemd/system/gleancam.service.d/devices.conf"
        assert not installed_dropin.exists()

        make("install", root, "DEVICES=jetson")
        assert installed_dropin.read_text() == dropin("jetson").read_text()
        make("uninstall", root)

        assert not installed_dropin.parent.exists()
