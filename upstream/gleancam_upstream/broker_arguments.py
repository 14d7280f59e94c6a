"""The arguments of every command that talks to a broker."""

from __future__ import annotations

import argparse

from gleancam_upstream.broker import Broker


def add_broker(parser: argparse.ArgumentParser) -> None:
    """Add a group of arguments."""
    group = parser.add_argument_group("broker")
    group.add_argument("--host", default="localhost")
    group.add_argument("--port", type=int, default=1883)
    group.add_argument("--protocol", choices=("5", "3.1.1"), default="5")
    group.add_argument("--websockets", action="store_true", help="MQTT over websockets")
    group.add_argument("--username-file", default="", help="a file of one line")
    group.add_argument("--password-file", default="", help="a file of one line")
    group.add_argument("--tls", action="store_true", help="encrypt, with the system's authorities")
    group.add_argument("--ca", default="", help="PEM of the authority; implies --tls")
    group.add_argument("--cert", default="", help="PEM of the client certificate; implies --tls")
    group.add_argument("--key", default="", help="PEM of its key")


def broker_of(arguments: argparse.Namespace) -> Broker:
    """Return what those arguments say."""
    return Broker(
        host=arguments.host,
        port=arguments.port,
        protocol=arguments.protocol,
        transport="websockets" if arguments.websockets else "tcp",
        username_file=arguments.username_file,
        password_file=arguments.password_file,
        tls=arguments.tls,
        ca=arguments.ca,
        certificate=arguments.cert,
        key=arguments.key,
    )
