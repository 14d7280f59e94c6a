"""Where the broker is and how to prove who we are."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gleancam.errors import ConfigurationError
from gleancam.secret_files import check_private, read_secret
from gleancam_upstream.errors import CredentialsError


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails: paho drops such a socket without closing it."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's signature
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


@dataclass(frozen=True, slots=True)
class Broker:
    """An MQTT broker.

    Attributes:
        protocol: `5` is what the contract is written for; `3.1.1` works.
        username_file: a file of one line that nobody else can read; empty for none. As in the
            daemon's configuration, `credential:NAME` is one that systemd hands over.
        password_file: likewise.
        tls: encrypt; on by itself when `ca` or `certificate` is given.
        key: PEM file that nobody else can read; empty when `certificate` holds it.
        ca: PEM file of who signed the broker's certificate; empty for the system's store.
    """

    host: str = "localhost"
    port: int = 1883
    protocol: Literal["5", "3.1.1"] = "5"
    transport: Literal["tcp", "websockets"] = "tcp"
    websocket_path: str = "/mqtt"
    username_file: str = ""
    password_file: str = ""
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""
    keepalive_s: int = 30

    def username(self) -> str | None:
        """Return the user name, read from its file.

        Raises:
            CredentialsError: the file cannot be read, is open to others, or holds no single line.
        """
        return _one_line("--username-file", self.username_file)

    def password(self) -> str | None:
        """Return the password, read from its file.

        Raises:
            CredentialsError: the file cannot be read, is open to others, or holds no single line.
        """
        return _one_line("--password-file", self.password_file)

    def tls_context(self) -> ssl.SSLContext | None:
        """Return how to encrypt (TLS 1.2 or later, the broker's name checked), or None.

        Raises:
            CredentialsError: a certificate or key cannot be read, or the key is open to others.
        """
        if not (self.tls or self.ca or self.certificate):
            return None
        if self.certificate:
            _private("--key" if self.key else "--cert", self.key or self.certificate)
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.certificate:
                # The empty password makes an encrypted key an error, not a question.
                context.load_cert_chain(self.certificate, self.key or None, password="")
        except OSError as error:  # ssl.SSLError is one
            raise CredentialsError(
                f"certificate or key cannot be used: {error}", cure="check the PEM files"
            ) from error
        context.sslsocket_class = _TidySocket
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _one_line(argument: str, path: str) -> str | None:
    if not path:
        return None
    try:
        return read_secret(argument, path)
    except ConfigurationError as error:
        raise CredentialsError(str(error)) from error


def _private(argument: str, path: str) -> None:
    try:
        check_private(argument, Path(path))
    except ConfigurationError as error:
        raise CredentialsError(str(error)) from error
