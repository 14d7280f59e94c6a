"""TLS, passwords: what a broker demands, and what we demand of it."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import pytest

from brokers import MakeBroker
from gleancam.config.keys import Mqtt, Tls
from gleancam.demo.broker import free_port
from gleancam.errors import ConfigurationError
from gleancam.sinks.base import Connected, Disconnected
from mqtt_rig import Rig, running, settings

SECRET = "correct horse battery staple"  # noqa: S105 - made for this test


def openssl(*arguments: str, folder: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, a broker's certificate for 127.0.0.1, a device's, and a stranger's CA."""
    folder = tmp_path_factory.mktemp("pki")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for ca in ("ca", "stranger"):
        self_signed = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        rest = ("-nodes", "-days", "2", "-subj", f"/CN={ca}", "-keyout", f"{ca}.key")
        openssl(*self_signed, *rest, "-out", f"{ca}.pem", folder=folder)
    for name in ("broker", "device"):
        request = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        out = ("-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(*request, *out, folder=folder)
        sign = ("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key")
        more = ("-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{name}.pem")
        openssl(*sign, *more, folder=folder)
    return folder


def listener(pki: Path, *more: str) -> tuple[str, ...]:
    files = (f"cafile {pki}/ca.pem", f"certfile {pki}/broker.pem", f"keyfile {pki}/broker.key")
    return ("allow_anonymous true", *files, *more)


def test_tls_with_both_certificates(make_broker: MakeBroker, pki: Path) -> None:
    broker = make_broker(*listener(pki, "require_certificate true"))
    tls = Tls(ca=f"{pki}/ca.pem", certificate=f"{pki}/device.pem", key=f"{pki}/device.key")
    with running(settings(broker.port, tls=tls)) as rig:
        rig.expect(Connected)


def test_websockets(make_broker: MakeBroker) -> None:
    port = free_port()
    # `bind_interface`: mosquitto 2.0.11 opens no websocket on an address.
    make_broker(
        "allow_anonymous true", f"listener {port}", "protocol websockets", "bind_interface lo"
    )
    with running(settings(port, transport="websockets")) as rig:
        rig.expect(Connected)


def test_without_our_certificate_the_broker_hangs_up(make_broker: MakeBroker, pki: Path) -> None:
    broker = make_broker(*listener(pki, "require_certificate true"))
    with running(settings(broker.port, tls=Tls(ca=f"{pki}/ca.pem"))) as rig:
        assert isinstance(rig.next_event(), Disconnected)


def test_a_stranger_is_no_broker_of_ours(make_broker: MakeBroker, pki: Path) -> None:
    broker = make_broker(*listener(pki))
    with running(settings(broker.port, tls=Tls(ca=f"{pki}/stranger.pem"))) as rig:
        event = rig.next_event()
        assert isinstance(event, Disconnected)
        assert "certificate" in event.why.lower()


def test_a_certificate_for_another_name_is_refused(make_broker: MakeBroker, pki: Path) -> None:
    broker = make_broker(*listener(pki))
    by_name = Mqtt(host="localhost", port=broker.port, tls=Tls(ca=f"{pki}/ca.pem"))
    with running(by_name) as rig:
        event = rig.next_event()
        assert isinstance(event, Disconnected)
        assert "is for another name" in event.why


def test_turning_the_check_off_is_loud(
    make_broker: MakeBroker, pki: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_broker(*listener(pki))
    with (
        caplog.at_level(logging.WARNING),
        running(settings(broker.port, tls=Tls(verify=False))) as rig,
    ):
        rig.expect(Connected)
    assert "NOT checked" in caplog.text


@pytest.mark.parametrize(
    "tls",
    [
        Tls(ca="/nowhere.pem"),
        Tls(certificate="/nowhere.pem", key="/nowhere.key"),
        Tls(ca="/etc/hostname"),
    ],
    ids=["no-ca", "no-certificate", "not-pem"],
)
def test_a_file_that_cannot_be_used_is_a_configuration_error(tls: Tls) -> None:
    with pytest.raises(ConfigurationError, match=r"mqtt\.tls"):
        Rig(settings(1, tls=tls))


def secret(folder: Path, name: str, content: str, mode: int = 0o600) -> str:
    path = folder / name
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def passwords(make_broker: MakeBroker, folder: Path) -> int:
    store = folder / "passwords"
    command = ["mosquitto_passwd", "-b", "-c", str(store), "gate-1", SECRET]
    subprocess.run(command, check=True)
    return make_broker("allow_anonymous false", f"password_file {store}").port


def test_user_and_password(make_broker: MakeBroker, tmp_path: Path) -> None:
    port = passwords(make_broker, tmp_path)
    files = {
        "username_file": secret(tmp_path, "user", "gate-1\n"),
        "password_file": secret(tmp_path, "pass", f"{SECRET}\n"),
    }
    with running(settings(port, **files)) as rig:
        rig.expect(Connected)


def test_a_wrong_password_is_told_and_never_shown(
    make_broker: MakeBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = passwords(make_broker, tmp_path)
    files = {
        "username_file": secret(tmp_path, "user", "gate-1\n"),
        "password_file": secret(tmp_path, "pass", "wrong-but-still-secret\n"),
    }
    with caplog.at_level(logging.DEBUG), running(settings(port, **files)) as rig:
        event = rig.next_event()
    assert isinstance(event, Disconnected)
    assert "Not authorized" in event.why
    assert "wrong-but-still-secret" not in caplog.text + repr(rig) + event.why
    assert "gate-1" not in caplog.text.replace("depot-gate-1", "")


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("hunter2\n", 0o644, "open to other users"),
        ("hunter2\n", 0o660, "open to other users"),
        ("", 0o600, "exactly one line"),
        ("one\ntwo\n", 0o600, "exactly one line"),
        ("x" * 5000, 0o600, "exactly one line"),
    ],
    ids=["world", "group-writes", "empty", "two-lines", "long"],
)
def test_a_secret_file_is_checked(tmp_path: Path, content: str, mode: int, said: str) -> None:
    path = secret(tmp_path, "pass", content, mode)
    with pytest.raises(ConfigurationError, match=said) as caught:
        Rig(settings(1, username_file=secret(tmp_path, "user", "me"), password_file=path))
    assert "hunter2" not in str(caught.value)


def test_a_secret_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="username_file"):
        Rig(settings(1, username_file=str(tmp_path / "absent")))
