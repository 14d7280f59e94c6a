"""Where the broker is and how to prove who we are."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
        username_file: a file of one line; empty for none.
        password_file: a file of one line; empty for none.
        tls: encrypt; on by itself when `ca` or `certificate` is given.
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
            CredentialsError: the file cannot be read or holds no single line.
        """
        return _one_line(self.username_file)

    def password(self) -> str | None:
        """Return the password, read from its file.

        Raises:
            CredentialsError: the file cannot be read or holds no single line.
        """
        return _one_line(self.password_file)

    def tls_context(self) -> ssl.SSLContext | None:
        """Return how to encrypt (TLS 1.2 or later, the broker's name checked), or None.

        Raises:
            CredentialsError: a certificate or key cannot be read.
        """
        if not (self.tls or self.ca or self.certificate):
            return None
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


def _one_line(path: str) -> str | None:
    if not path:
        return None
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"{path} cannot be read: {error}") from error
    if len(lines) != 1 or not lines[0]:
        raise CredentialsError(f"{path} has {len(lines)} lines", cure="write exactly one line")
    return lines[0]
