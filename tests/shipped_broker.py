"""A real mosquitto with the configuration that is shipped, and clients that try what they may."""

from __future__ import annotations

import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from brokers import Broker

SHIPPED = Path(__file__).parents[1] / "configs" / "mosquitto"
INSTALLED = "/etc/mosquitto/gleancam"
PATIENCE_S = 20.0
WORD = "open sesame"
AUDITOR = "auditor"
"""Hears everything: over 3.1.1 nothing else shows what the broker dropped."""
VERSIONS = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}


def script(name: str, *arguments: object) -> str:
    command = [str(SHIPPED / name), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def configured(folder: Path, users: list[str], *, certificates: bool) -> tuple[str, ...]:
    """Install the shipped folder below `folder`; return the lines that come after the listener."""
    script("certificates.sh", "authority", folder)
    script("certificates.sh", "broker", folder, "localhost", "127.0.0.1")
    for user in users:
        _let_in(folder, user, certificates=certificates)
    _write_acl(folder, users)
    lines = (SHIPPED / "mosquitto.conf").read_text().splitlines()
    return tuple(_adapted(line, folder, certificates=certificates) for line in lines)


def _let_in(folder: Path, user: str, *, certificates: bool) -> None:
    if certificates:
        script("certificates.sh", "client", folder, user)
        return
    (folder / "passwords").touch(0o600)
    command = ["mosquitto_passwd", "-b", str(folder / "passwords"), user, WORD]
    subprocess.run(command, check=True)


def _write_acl(folder: Path, users: list[str]) -> None:
    """What is shipped, and whoever the test has besides."""
    acl = (SHIPPED / "acl").read_text()
    for user in users:
        site, _, name = user.partition(".")
        if f"user {user}\n" not in acl and user != AUDITOR:
            acl += script("grant.sh", "consumer" if name == "archive" else "device", site, name)
    acl += f"\nuser {AUDITOR}\ntopic readwrite #\ntopic read $SYS/#\n"
    (folder / "acl").write_text(acl)
    (folder / "acl").chmod(0o600)


def _adapted(line: str, folder: Path, *, certificates: bool) -> str:
    if certificates and line.startswith("password_file"):
        return ""
    if certificates and line.startswith("#") and not line.startswith("# "):
        line = line[1:]
    if line.startswith("listener"):
        return ""
    return line.replace(INSTALLED, str(folder)).replace("/var/lib/mosquitto/", f"{folder}/")


@contextmanager
def shipped_broker(
    folder: Path, users: list[str], *, certificates: bool = False
) -> Iterator[Broker]:
    broker = Broker(folder, configured(folder, users, certificates=certificates))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@dataclass
class Talker:
    """One client; everything happens in the test's thread, in `turn`."""

    client: Client
    received: list[MQTTMessage] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    connected: list[int] = field(default_factory=list)

    def turn(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, "no answer from the broker"
            code = self.client.loop(0.05)
            assert code == 0 or done(), f"the broker hung up: {code}"

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> int:
        """Return the reason code of the broker's answer (over 3.1.1 always 0)."""
        self.codes.clear()
        self.client.publish(topic, payload, 1, retain)
        self.turn(lambda: bool(self.codes))
        return self.codes[0]

    def subscribe(self, topic: str) -> int:
        self.codes.clear()
        self.client.subscribe(topic, 1)
        self.turn(lambda: bool(self.codes))
        return self.codes[0]

    def topics(self) -> set[str]:
        return {message.topic for message in self.received}


@contextmanager
def talker(
    broker: Broker,
    user: str = "",
    *,
    protocol: str = "5",
    client_id: str = "",
    certificate: bool = False,
) -> Iterator[Talker]:
    client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=VERSIONS[protocol])
    made = Talker(client)
    context = ssl.create_default_context(cafile=str(broker.directory / "ca.crt"))
    if certificate:
        own = broker.directory / user
        context.load_cert_chain(f"{own}.crt", f"{own}.key")
    elif user:
        client.username_pw_set(user, WORD)
    client.tls_set_context(context)
    client.on_connect = lambda *answer: made.connected.append(answer[3].value)
    client.on_publish = lambda *answer: made.codes.append(answer[3].value)
    client.on_subscribe = lambda *answer: made.codes.append(answer[3][0].value)
    client.on_message = lambda *answer: made.received.append(answer[2])
    try:
        client.connect("127.0.0.1", broker.port)
        made.turn(lambda: bool(made.connected))
        yield made
    finally:
        client.disconnect()
        client.loop(0.05)
        # What paho leaves to the garbage collector: the sockets it wakes itself with.
        client._reset_sockets()
