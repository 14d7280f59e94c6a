"""The consumer against brokers that ask for proof, go away, or refuse."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import brokers
from gleancam.demo.broker import free_port
from gleancam_upstream.arrivals import SampleArrived
from gleancam_upstream.broker import Broker
from gleancam_upstream.consume import Consumer
from gleancam_upstream.errors import BrokerRefusedError, CredentialsError
from gleancam_upstream.seen import SeenIds
from made_samples import made_parcel

GIVE_UP_S = 30


def consumer_of(broker: Broker) -> Consumer:
    return Consumer(broker, site="depot", consumer="trainer", seen=SeenIds())


def wait_online(consumer: Consumer) -> None:
    deadline = time.monotonic() + GIVE_UP_S
    while not consumer.online:
        consumer.receive(0.1)
        assert time.monotonic() < deadline, consumer.trouble


def wait_trouble(consumer: Consumer) -> str:
    deadline = time.monotonic() + GIVE_UP_S
    while not consumer.trouble:
        consumer.receive(0.1)
        assert time.monotonic() < deadline
    return consumer.trouble


@pytest.fixture
def mosquitto(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[brokers.Broker]:
    made = brokers.Broker(tmp_path, request.param(tmp_path))
    made.start()
    yield made
    made.stop()


def with_password(directory: Path) -> tuple[str, ...]:
    passwords = directory / "passwords"
    passwords.touch(mode=0o600)
    subprocess.run(
        ["/usr/bin/mosquitto_passwd", "-b", passwords, "trainer", "correct horse"], check=True
    )
    passwords.chmod(0o644)
    return ("allow_anonymous false", f"password_file {passwords}")


def written(path: Path, text: str) -> str:
    path.touch(0o600)
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("mosquitto", [with_password], indirect=True)
def test_user_and_password_come_from_files(mosquitto: brokers.Broker, tmp_path: Path) -> None:
    user = written(tmp_path / "user", "trainer\n")
    right = written(tmp_path / "right", "correct horse\n")
    wrong = written(tmp_path / "wrong", "battery staple\n")
    known = Broker("127.0.0.1", mosquitto.port, username_file=user, password_file=right)
    with consumer_of(known) as consumer:
        wait_online(consumer)
    unknown = Broker("127.0.0.1", mosquitto.port, username_file=user, password_file=wrong)
    with consumer_of(unknown) as consumer, pytest.raises(BrokerRefusedError) as refused:
        wait_online(consumer)
    assert "battery" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "two\nlines\n"])
def test_a_secret_is_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(CredentialsError, match="exactly one line"):
        consumer_of(Broker(password_file=written(tmp_path / "secret", content)))


@pytest.mark.parametrize("mode", [0o604, 0o622])
def test_a_secret_is_nobody_elses(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "secret", "hunter2\n")
    Path(path).chmod(mode)
    with pytest.raises(CredentialsError, match="chmod 0600") as told:
        consumer_of(Broker(password_file=path))
    assert "hunter2" not in str(told.value)
    assert "--password-file" in str(told.value)
    for broker in (Broker(certificate="c.pem", key=path), Broker(certificate=path)):
        with pytest.raises(CredentialsError, match="is open to other users"):
            broker.tls_context()


def authority(directory: Path) -> None:
    """Make a certificate authority, and what it signed for the broker and for a client."""

    def openssl(*arguments: str) -> None:
        subprocess.run(
            ["/usr/bin/openssl", *arguments], cwd=directory, check=True, stderr=subprocess.DEVNULL
        )

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new, "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.pem")
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("server", "client"):
        openssl("req", *new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", "csr")
        openssl(
            *("x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-extfile", "names", "-out", f"{name}.pem"),
        )
        (directory / f"{name}.key").chmod(0o644 if name == "server" else 0o600)


def with_tls(directory: Path) -> tuple[str, ...]:
    authority(directory)
    files = [f"{one} {directory / two}" for one, two in (("cafile", "ca.pem"),)]
    files += [f"certfile {directory / 'server.pem'}", f"keyfile {directory / 'server.key'}"]
    return (*files, "require_certificate true", "allow_anonymous true")


@pytest.mark.parametrize("mosquitto", [with_tls], indirect=True)
def test_both_sides_show_certificates(mosquitto: brokers.Broker, tmp_path: Path) -> None:
    ca, certificate, key = (str(tmp_path / name) for name in ("ca.pem", "client.pem", "client.key"))
    where = ("127.0.0.1", mosquitto.port)
    with consumer_of(Broker(*where, ca=ca, certificate=certificate, key=key)) as consumer:
        wait_online(consumer)
    with consumer_of(Broker(*where, tls=True, certificate=certificate, key=key)) as stranger:
        assert "certificate" in wait_trouble(stranger).lower()
    with pytest.raises(CredentialsError, match="PEM"):
        consumer_of(Broker(*where, ca=str(tmp_path / "names")))


def test_websockets(tmp_path: Path) -> None:
    port = free_port()
    more = ("allow_anonymous true", f"listener {port}", "protocol websockets", "bind_interface lo")
    mosquitto = brokers.Broker(tmp_path, more)
    mosquitto.start()
    try:
        with consumer_of(Broker("127.0.0.1", port, transport="websockets")) as consumer:
            wait_online(consumer)
    finally:
        mosquitto.stop()


@pytest.mark.parametrize("mosquitto", [lambda _: ("allow_anonymous true",)], indirect=True)
def test_a_broker_that_comes_back_is_found_again(mosquitto: brokers.Broker) -> None:
    with consumer_of(Broker("127.0.0.1", mosquitto.port)) as consumer:
        wait_online(consumer)
        mosquitto.kill()
        while consumer.online:
            consumer.receive(0.1)
        mosquitto.start()
        wait_online(consumer)


def test_who_is_thrown_out_by_its_own_name_does_not_fight() -> None:
    connack, taken_over = b"\x20\x03\x00\x00\x00", b"\xe0\x01\x8e"
    with (
        answering(connack + taken_over) as port,
        consumer_of(Broker("127.0.0.1", port)) as consumer,
        pytest.raises(BrokerRefusedError, match="taken over"),
    ):
        wait_online(consumer)


def test_a_message_that_came_while_away_is_not_lost(broker_port: int, device: Any) -> None:
    broker = Broker("127.0.0.1", broker_port)
    with consumer_of(broker) as consumer:
        wait_online(consumer)
    parcel = made_parcel(1)
    device.deliver(parcel)
    with consumer_of(broker) as consumer:
        (sample,) = consumer.samples(idle_s=1)
        assert isinstance(sample, SampleArrived)
        assert sample.parcel_id == parcel.parcel_id


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Give a port; answer the first packet of the first client there, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass

        thread = threading.Thread(target=talk)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"\x20\x7f" + b"\xff" * 127, b"\x90\x00", b"\xf0\x00"])
def test_a_broker_that_talks_nonsense_is_a_broken_link(answer: bytes) -> None:
    with answering(answer) as port, consumer_of(Broker("127.0.0.1", port)) as consumer:
        assert wait_trouble(consumer)
        assert not consumer.online


def test_nobody_there_is_told_on_stderr(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gleancam_upstream", "consume", "--site", "depot"),
            *("--out", str(tmp_path / "out"), "--port", str(port), "--host", "127.0.0.1"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "no connection" in process.stderr.readline()
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
