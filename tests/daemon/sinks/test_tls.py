"""Servers with something wrong: each gets its own words and a cure, and none gets a session."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tls_servers
from gleancam.config.keys import Config, Mqtt, TestCamera, Tls
from gleancam.doctor import broker as doctor
from gleancam.doctor.finding import Finding, Level
from gleancam.errors import ConfigurationError, SinkError, UntrustedBrokerError
from gleancam.sinks._paho import Link
from gleancam.sinks.base import Limits
from gleancam.sinks.tls import tls_context
from gleancam.wire.envelope import Envelope
from mqtt_rig import Rig, settings, will


class Nobody:
    def on_connected(self, limits: Limits) -> None:
        raise AssertionError(limits)

    def on_answer(self, packet_id: int, code: int) -> None:
        raise AssertionError(packet_id, code)

    def on_message(self, topic: str, payload: bytes, envelope: Envelope) -> None:
        raise AssertionError(topic, payload, envelope)

    def on_subscription_refused(self, why: str) -> None:
        raise AssertionError(why)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tls_servers.authority(tmp_path_factory.mktemp("ca"))


CASES = {
    "expired": ("has expired", "renew it"),
    "future": ("is not valid yet", "clock"),
    "stranger": ("is of an authority that is not ours", "mqtt.tls.ca"),
    "self-signed": ("is self-signed", "mqtt.tls.ca"),
    "wrong-host": ("is for another address", "mqtt.host"),
}


@contextmanager
def wrong(case: str, ca: Path, folder: Path) -> Iterator[int]:
    made = {
        "expired": lambda: tls_servers.certificate(ca, "expired", *tls_servers.OLD),
        "future": lambda: tls_servers.certificate(ca, "future", *tls_servers.FUTURE),
        "stranger": lambda: tls_servers.certificate(
            tls_servers.authority(folder / "s"), "stranger"
        ),
        "self-signed": lambda: tls_servers.self_signed(folder),
        "wrong-host": lambda: tls_servers.certificate(
            ca, "elsewhere", names="subjectAltName=IP:192.0.2.9"
        ),
    }
    with tls_servers.server(made[case]()) as port:
        yield port


def connect(mqtt: Mqtt) -> None:
    link = Link(mqtt, "x", will(1), Nobody())
    try:
        link.connect()
    finally:
        link.abandon()


@pytest.mark.parametrize("case", CASES)
def test_a_certificate_that_proves_nothing(case: str, ca: Path, tmp_path: Path) -> None:
    words, cure = CASES[case]
    with wrong(case, ca, tmp_path) as port:
        mqtt = settings(port, tls=Tls(ca=f"{ca}/ca.crt"))
        with pytest.raises(UntrustedBrokerError, match=words) as caught:
            connect(mqtt)
        finding = examined(mqtt)

    assert cure in caught.value.cure
    assert caught.value.transient
    assert (finding.level, words in finding.what, cure in finding.cure) == (Level.FAIL, True, True)


def examined(mqtt: Mqtt) -> Finding:
    config = Config(site="s", device="d", cameras=(TestCamera(id="a"),), mqtt=mqtt)
    return list(doctor.examine(config))[-1]


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_tls_before_1_2_is_refused(version: str, ca: Path) -> None:
    files = tls_servers.certificate(ca, f"old{version}")
    weak = (version, "-cipher", "ALL:@SECLEVEL=0")
    with (
        tls_servers.server(files, *weak) as port,
        pytest.raises(SinkError, match=r"only TLS older than 1\.2") as caught,
    ):
        connect(settings(port, tls=Tls(ca=f"{ca}/ca.crt")))
    assert not isinstance(caught.value, UntrustedBrokerError)
    assert "upgrade" in caught.value.cure


def test_the_servers_of_this_test_do_speak_old_tls(ca: Path) -> None:
    """Else the test above would refuse a server that refuses everybody."""
    files = tls_servers.certificate(ca, "speaks-old")
    weak = ("-cipher", "ALL:@SECLEVEL=0")
    with tls_servers.server(files, "-tls1_1", *weak) as port:
        asked = ("s_client", "-connect", f"127.0.0.1:{port}", "-tls1_1", *weak)
        tls_servers.openssl(*asked, "-CAfile", ca / "ca.crt", "-verify_return_error")


def test_a_broker_without_tls_is_told_from_one(ca: Path, make_broker: object) -> None:
    started = make_broker()  # type: ignore[operator]  # the fixture of conftest.py
    with pytest.raises(SinkError) as caught:
        connect(settings(started.port, tls=Tls(ca=f"{ca}/ca.crt")))
    assert "mqtt.port" in caught.value.cure


def test_turning_the_check_off_is_said_by_everybody(
    ca: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with wrong("self-signed", ca, tmp_path) as port, caplog.at_level(logging.WARNING):
        mqtt = settings(port, tls=Tls(verify=False))
        connect(mqtt)
        config = Config(site="s", device="d", cameras=(TestCamera(id="a"),), mqtt=mqtt)
        found = list(doctor.examine_settings(config))
    assert "NOT checked" in caplog.text
    assert [one.level for one in found] == [Level.WARN]
    assert "anybody can pose as the broker" in found[0].what


def test_the_context_takes_nothing_older_whatever_the_system_allows() -> None:
    context = tls_context(Tls())
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


@pytest.mark.parametrize("together", [False, True], ids=["key", "key-in-certificate"])
def test_a_key_that_others_can_read_is_refused(ca: Path, tmp_path: Path, together: bool) -> None:  # noqa: FBT001
    signed, key = tls_servers.certificate(ca, f"device-{together}")
    exposed = tmp_path / "own.pem"
    exposed.write_text(signed.read_text() + key.read_text())
    exposed.chmod(0o644)
    certificate, own_key = (exposed, "") if together else (signed, str(exposed))
    tls = Tls(certificate=str(certificate), key=own_key)
    with pytest.raises(ConfigurationError, match="open to other users"):
        Rig(settings(1, tls=tls))
    exposed.chmod(0o600)
    Rig(settings(1, tls=tls))
