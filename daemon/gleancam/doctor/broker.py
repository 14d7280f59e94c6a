"""Whether the broker can be reached, lets this device in, and takes what it will be sent."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing

from gleancam.config.keys import Config, Mqtt
from gleancam.config.risks import broker_risks
from gleancam.doctor.connack import (
    CONNACK,
    DISCONNECT,
    MAXIMUM_PACKET_SIZE,
    MAXIMUM_QOS,
    REASONS,
    RECEIVE_MAXIMUM,
    RETAIN_AVAILABLE,
    Answer,
    connect_packet,
    parse_connack,
    read_length,
)
from gleancam.doctor.finding import Finding, fail, ok, warn
from gleancam.errors import ConfigurationError
from gleancam.secret_files import read_secret
from gleancam.sinks.tls import tls_context
from gleancam.sinks.tls_trouble import explain

PART = "broker"
TIMEOUT_S = 5.0
TIGHT_PACKET_BYTES = 96 * 1024


def examine(config: Config) -> Iterator[Finding]:
    """Connect to the broker without a session, ask for its limits, and leave."""
    mqtt = config.mqtt
    if mqtt is None:
        return
    yield from examine_settings(config)
    try:
        with closing(_open(mqtt)) as connection:
            yield from _conversation(connection, mqtt)
    except ConfigurationError as error:
        yield fail(PART, str(error), "mend the file, or the key that names it")
    except ssl.SSLError as error:
        what, cure = explain(error)
        yield fail(PART, f"{mqtt.host}:{mqtt.port}: {what}", cure)
    except (OSError, ValueError) as error:
        cure = f"is it running, is {mqtt.host}:{mqtt.port} right, does a firewall block it?"
        yield fail(PART, f"{mqtt.host}:{mqtt.port}: {error}", cure)


def examine_settings(config: Config) -> Iterator[Finding]:
    """Look at what is configured, and connect to nothing."""
    mqtt = config.mqtt
    if mqtt is None:
        return
    for risk in broker_risks(mqtt):
        yield warn(PART, risk.what, risk.hint)
    if mqtt.images == "held" and mqtt.confirm == "puback":
        what = "a picture is held for a manifest that perhaps no consumer ever had"
        yield warn(PART, what, 'with mqtt.images = "held" set mqtt.confirm = "ingest"')
    if mqtt.protocol == "3.1.1" and mqtt.confirm == "puback":
        what = "over MQTT 3.1.1 a broker acknowledges also what it throws away"
        yield warn(PART, what, 'set mqtt.protocol = "5" or mqtt.confirm = "ingest"')


def _open(mqtt: Mqtt) -> socket.socket:
    connection = socket.create_connection((mqtt.host, mqtt.port), timeout=TIMEOUT_S)
    if mqtt.tls is None:
        return connection
    with closing(connection):  # a wrapped socket takes the descriptor over
        return tls_context(mqtt.tls).wrap_socket(connection, server_hostname=mqtt.host)


def _conversation(connection: socket.socket, mqtt: Mqtt) -> Iterator[Finding]:
    if mqtt.transport == "websockets":
        yield ok(PART, f"{mqtt.host}:{mqtt.port} accepts connections; websockets not tried")
        return
    level = 5 if mqtt.protocol == "5" else 4
    username = _secret("mqtt.username_file", mqtt.username_file)
    password = _secret("mqtt.password_file", mqtt.password_file)
    connection.sendall(connect_packet(level, username, password))
    answer = parse_connack(_read_connack(connection), level)
    if answer.reason:
        why = REASONS.get((level, answer.reason), f"reason code 0x{answer.reason:02x}")
        yield fail(PART, f"{mqtt.host}:{mqtt.port} refuses: {why}", "see the broker's log")
        return
    connection.sendall(DISCONNECT)
    yield from _limits(answer, mqtt)


def _limits(answer: Answer, mqtt: Mqtt) -> Iterator[Finding]:
    limits = answer.properties
    packet = limits.get(MAXIMUM_PACKET_SIZE)
    size = "any size" if packet is None else f"up to {packet} bytes"
    window = limits.get(RECEIVE_MAXIMUM, 65535)
    where = f"{mqtt.host}:{mqtt.port}"
    yield ok(PART, f"{where} speaks MQTT {mqtt.protocol}; packets of {size}, {window} in flight")
    if packet is not None and packet < TIGHT_PACKET_BYTES:
        yield warn(PART, "its packet limit forces small pictures", "raise its max_packet_size")
    if limits.get(MAXIMUM_QOS, 1) < 1:
        yield fail(PART, "it offers QoS 0 only: nothing would be acknowledged", "allow QoS 1")
    if not limits.get(RETAIN_AVAILABLE, 1):
        yield fail(PART, "it keeps no retained messages: no status would last", "allow them")


def _secret(key: str, path: str) -> str:
    return read_secret(key, path) if path else ""


def _read_connack(connection: socket.socket) -> bytes:
    """Read one packet and return its body.

    Raises:
        ValueError: whatever answers is no MQTT broker.
        OSError: it closed the connection, or said nothing in time.
    """
    head = _read(connection, 2)
    if head[0] != CONNACK:
        raise ValueError("what answers there is no MQTT broker")
    while head[-1] & 0x80 and len(head) < 5:
        head += _read(connection, 1)
    length, _ = read_length(head[1:])
    return _read(connection, length)


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        received = connection.recv(count - len(data))
        if not received:
            raise ConnectionError("it closed the connection without an answer")
        data += received
    return data
