"""The shipped broker configuration, in a real mosquitto with TLS: who may do what."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gleancam.demo.broker import free_port

SHIPPED = Path(__file__).parents[2] / "configs" / "mosquitto"
INSTALLED = "/etc/mosquitto/gleancam"
PATIENCE_S = 20.0
WORD = "open sesame"
DEVICE, CONSUMER = "north-yard.orin-1", "north-yard.archive"
NOT_AUTHORISED = 0x87


@dataclass(frozen=True)
class Broker:
    port: int
    folder: Path

    def connect(self, username: str) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(username, WORD)
        client.tls_set(str(self.folder / "ca.crt"), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.connect("localhost", self.port)
        return client

    def publish(self, username: str, topic: str) -> int:
        """Return the reason code of the broker's answer."""
        client = self.connect(username)
        codes: list[int] = []

        def publish(*_: object) -> None:
            client.publish(topic, b"x", qos=1)

        client.on_connect = publish
        client.on_publish = lambda *answer: codes.append(answer[3].value)
        turn(client, codes)
        return codes[0]

    def subscribe(self, username: str, topic: str) -> int:
        client = self.connect(username)
        codes: list[int] = []

        def subscribe(*_: object) -> None:
            client.subscribe(topic, qos=1)

        client.on_connect = subscribe
        client.on_subscribe = lambda *answer: codes.append(answer[3][0].value)
        turn(client, codes)
        return codes[0]


def turn(client: Client, codes: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not codes:
        assert time.monotonic() < deadline, "no answer from the broker"
        client.loop(0.1)
    client.disconnect()
    client.loop(0.1)
    release(client)


def release(client: Client) -> None:
    """Close what paho leaves to the garbage collector: the sockets it wakes itself with."""
    client._reset_sockets()


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("broker")
    shutil.copy(SHIPPED / "acl", folder)
    run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", folder / "server.key", "-out", folder / "server.crt"),
    )
    shutil.copy(folder / "server.crt", folder / "ca.crt")
    (folder / "passwords").touch()
    for user in (DEVICE, CONSUMER):
        run("mosquitto_passwd", "-b", folder / "passwords", user, WORD)
    port = free_port()
    text = (SHIPPED / "mosquitto.conf").read_text()
    text = text.replace(INSTALLED, str(folder)).replace("/var/lib/mosquitto/", f"{folder}/")
    text = text.replace("listener 8883", f"listener {port} localhost")
    # mosquitto started by root would become a user that cannot read this test's files.
    (folder / "mosquitto.conf").write_text(f"user root\n{text}")
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert program, "mosquitto is missing: scripts/system-packages.sh --tests"
    with subprocess.Popen(
        [program, "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL
    ) as process:
        wait_for(port, process)
        yield Broker(port, folder)
        process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "mosquitto does not take the configuration"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("mosquitto does not listen")


@pytest.mark.parametrize("what", ["status", "cam/gate/sample", "cam/gate/image/0190", "stats"])
def test_a_device_writes_below_its_own_topic(broker: Broker, what: str) -> None:
    assert broker.publish(DEVICE, f"gleancam/v1/north-yard/orin-1/{what}") < 0x80


@pytest.mark.parametrize(
    "topic",
    [
        "gleancam/v1/north-yard/orin-2/status",
        "gleancam/v1/south-yard/orin-1/status",
        "gleancam/v1/north-yard/ingest/archive/status",
        "other/v1/north-yard/orin-1/status",
    ],
)
def test_a_device_writes_nowhere_else(broker: Broker, topic: str) -> None:
    assert broker.publish(DEVICE, topic) == NOT_AUTHORISED


@pytest.mark.parametrize("what", ["north-yard/orin-1/ack", "north-yard/ingest/+/status"])
def test_a_device_hears_what_concerns_it(broker: Broker, what: str) -> None:
    assert broker.subscribe(DEVICE, f"gleancam/v1/{what}") == 1


def test_a_consumer_reads_its_site_and_answers(broker: Broker) -> None:
    assert broker.subscribe(CONSUMER, "gleancam/v1/north-yard/+/cam/+/sample") == 1
    assert broker.publish(CONSUMER, "gleancam/v1/north-yard/orin-1/ack") < 0x80
    assert broker.publish(CONSUMER, "gleancam/v1/north-yard/ingest/archive/status") < 0x80


def test_a_consumer_cannot_pose_as_a_device(broker: Broker) -> None:
    topic = "gleancam/v1/north-yard/orin-1/cam/gate/sample"

    assert broker.publish(CONSUMER, topic) == NOT_AUTHORISED


def test_a_device_does_not_receive_what_another_sends(broker: Broker) -> None:
    listener = broker.connect(DEVICE)
    received: list[str] = []
    subscribed: list[int] = []

    def subscribe(*_: object) -> None:
        listener.subscribe("#", qos=1)

    listener.on_connect = subscribe
    listener.on_subscribe = lambda *answer: subscribed.append(answer[3][0].value)
    listener.on_message = lambda *answer: received.append(answer[2].topic)
    while not subscribed:
        listener.loop(0.1)
    heard = "gleancam/v1/north-yard/orin-1/ack"

    broker.publish(CONSUMER, "gleancam/v1/north-yard/orin-2/ack")
    broker.publish(CONSUMER, heard)
    deadline = time.monotonic() + PATIENCE_S
    while not received and time.monotonic() < deadline:
        listener.loop(0.1)
    listener.disconnect()
    release(listener)

    assert received == [heard]
