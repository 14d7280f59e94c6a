"""What a configuration allows that a person should know of."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from gleancam.config.keys import Config, Mqtt
from gleancam.config.problem import Problem


def risks(config: Config) -> Iterator[Problem]:
    """Yield what works and yet lets strangers in, hear or listen."""
    if config.mqtt is not None:
        yield from broker_risks(config.mqtt)
    if not is_loopback(config.http.host):
        what = "anybody on this network can read metrics and health"
        yield Problem("http.host", repr(config.http.host), what, "127.0.0.1 is the default")


def broker_risks(mqtt: Mqtt) -> Iterator[Problem]:
    """Yield what is risky about the way to the broker."""
    if mqtt.tls is not None and not mqtt.tls.verify:
        what = "the broker's certificate is not checked: anybody can pose as the broker"
        yield Problem("mqtt.tls.verify", "false", what, "name its authority in mqtt.tls.ca")
    if mqtt.tls is None and not is_loopback(mqtt.host):
        what = "pictures and passwords travel unencrypted"
        yield Problem("mqtt.tls", "", what, "add [mqtt.tls]")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
