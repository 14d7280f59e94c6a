"""The doctor: what is wrong is said with its cure, against a real broker and real files."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gleancam.__main__ import main
from gleancam.clock import synchronised
from gleancam.config.keys import Config, Models, Mqtt, Spool, TestCamera, Tls
from gleancam.demo.broker import free_port
from gleancam.doctor import account, broker, disk, models, software
from gleancam.doctor.finding import Finding, Level

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
Configure = Callable[..., Config]


def make(mqtt: Mqtt | None = None, **sections: object) -> Config:
    cameras = (TestCamera(id="a"),)
    return Config(site="s", device="d", cameras=cameras, mqtt=mqtt, **sections)  # type: ignore[arg-type]


def levels(findings: Iterator[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


@pytest.fixture
def start_broker(tmp_path: Path) -> Iterator[Callable[[str], int]]:
    assert MOSQUITTO, "mosquitto is missing: scripts/system-packages.sh --tests"
    running: list[subprocess.Popen[bytes]] = []

    def start(settings: str) -> int:
        port = free_port()
        config = tmp_path / "mosquitto.conf"
        # mosquitto started by root would become a user that cannot read this test's files.
        config.write_text(f"user root\nlistener {port} 127.0.0.1\n{settings}\n")
        running.append(subprocess.Popen([MOSQUITTO, "-c", config], stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.05)
        raise TimeoutError("mosquitto does not listen")

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def test_gstreamer_is_well_here() -> None:
    findings = list(software.examine())

    assert [each for each in findings if each.level is Level.FAIL] == []
    assert any(each.what.startswith("H.264: ") for each in findings)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_broker_that_lets_us_in(start_broker: Callable[[str], int], protocol: str) -> None:
    port = start_broker("allow_anonymous true")

    (finding,) = broker.examine(make(Mqtt(host="127.0.0.1", port=port, protocol=protocol)))  # type: ignore[arg-type]

    assert finding.level is Level.OK
    assert f"speaks MQTT {protocol}" in finding.what


def test_a_brokers_limits_are_read(start_broker: Callable[[str], int]) -> None:
    port = start_broker("allow_anonymous true\nmax_packet_size 20000\nmax_inflight_messages 7")

    ok, tight = broker.examine(make(Mqtt(host="127.0.0.1", port=port)))

    assert "up to 20000 bytes, 7 in flight" in ok.what
    assert tight.level is Level.WARN


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_broker_that_refuses_us(start_broker: Callable[[str], int], protocol: str) -> None:
    port = start_broker("allow_anonymous false")

    (finding,) = broker.examine(make(Mqtt(host="127.0.0.1", port=port, protocol=protocol)))  # type: ignore[arg-type]

    assert finding.level is Level.FAIL
    assert "not authorised" in finding.what


def test_user_and_password_come_from_their_files(
    start_broker: Callable[[str], int], tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    passwords.touch(0o600)
    passwd = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
    subprocess.run([passwd, "-b", passwords, "device", "hunter2"], check=True, capture_output=True)
    passwords.chmod(0o644)
    port = start_broker(f"allow_anonymous false\npassword_file {passwords}")
    for name, text in (("user", "device\n"), ("right", "hunter2\n"), ("wrong", "nope\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    files = {"username_file": str(tmp_path / "user"), "password_file": str(tmp_path / "right")}

    (right,) = broker.examine(make(Mqtt(host="127.0.0.1", port=port, **files)))  # type: ignore[arg-type]
    files["password_file"] = str(tmp_path / "wrong")
    (wrong,) = broker.examine(make(Mqtt(host="127.0.0.1", port=port, **files)))  # type: ignore[arg-type]

    assert (right.level, wrong.level) == (Level.OK, Level.FAIL)
    assert "nope" not in wrong.what


def test_no_broker_at_all() -> None:
    (finding,) = broker.examine(make(Mqtt(host="127.0.0.1", port=free_port())))

    assert finding.level is Level.FAIL
    assert "refused" in finding.what
    assert finding.cure


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\xff\xff\xff\xff", b""]
)
def test_what_is_no_broker_is_told_from_one(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            connection.recv(1024)
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        (finding,) = broker.examine(make(Mqtt(host="127.0.0.1", port=server.getsockname()[1])))
        thread.join(10)

    assert finding.level is Level.FAIL


def test_tls_to_a_broker_without_it_fails(start_broker: Callable[[str], int]) -> None:
    port = start_broker("allow_anonymous true")

    (finding,) = broker.examine(make(Mqtt(host="127.0.0.1", port=port, tls=Tls())))

    assert finding.level is Level.FAIL


def test_plain_text_over_a_network_is_warned_about() -> None:
    mqtt = Mqtt(host="192.0.2.1", protocol="3.1.1", confirm="puback")
    findings = list(broker.examine_settings(make(mqtt)))

    assert [each.level for each in findings] == [Level.WARN, Level.WARN]


def test_disk_room(tmp_path: Path) -> None:
    path = str(tmp_path / "spool.db")

    assert levels(disk.examine(make(spool=Spool(path=path, max_bytes=1, reserve_bytes=1)))) == [
        "ok"
    ]
    assert levels(disk.examine(make(spool=Spool(path=path, max_bytes=10**18)))) == ["warn"]
    assert levels(disk.examine(make(spool=Spool(path=path, reserve_bytes=10**18)))) == ["fail"]
    assert levels(disk.examine(make(spool=Spool(path=f"{path}/no/x")))) == ["fail"]


def test_missing_models_are_named_with_the_cure(tmp_path: Path) -> None:
    findings = list(models.examine(make(models=Models(directory=str(tmp_path)))))

    assert [each.level for each in findings] == [Level.FAIL, Level.FAIL]
    assert f"--directory {tmp_path}" in findings[0].cure


@pytest.mark.models
def test_models_are_hashed(tmp_path: Path, models_directory: Path) -> None:
    directory = tmp_path / "models"
    shutil.copytree(models_directory, directory)
    config = make(models=Models(directory=str(directory)))
    assert levels(models.examine(config)) == ["ok", "ok"]

    largest = max((directory / "tiny-vit-5m").iterdir(), key=lambda path: path.stat().st_size)
    with largest.open("r+b") as file:
        file.write(b"broken")

    assert levels(models.examine(config)) == ["fail", "ok"]


def test_devices_that_may_be_used_and_none(tmp_path: Path) -> None:
    (none,) = account.examine(tmp_path)
    (tmp_path / "video0").touch()
    (one,) = account.examine(tmp_path)

    assert (none.level, one.level) == (Level.OK, Level.OK)
    assert "video0" in one.what


def test_the_clock_is_asked() -> None:
    assert synchronised() in {True, False, None}


def test_the_report_and_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text("site = 1")

    assert main(["doctor", "--config", str(path)]) == 1
    assert "fail config" in capsys.readouterr().out

    assert main(["doctor", "--config", str(path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {finding["level"] for finding in report} >= {"ok", "fail"}
    assert all(finding["cure"] for finding in report if finding["level"] != "ok")


def test_a_held_picture_needs_who_acknowledges_its_manifest() -> None:
    held = Mqtt(host="127.0.0.1", images="held", confirm="puback")

    (finding,) = broker.examine_settings(make(held))

    assert finding.level is Level.WARN
    assert 'confirm = "ingest"' in finding.cure
    assert levels(broker.examine_settings(make(Mqtt(host="127.0.0.1", images="held")))) == []
