"""TLS for a broker: who we trust, and who we are."""

from __future__ import annotations

import logging
import ssl

from gleancam.config.keys import Tls
from gleancam.errors import ConfigurationError
from gleancam.secret_files import check_private, secret_path

log = logging.getLogger(__name__)


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails: paho drops such a socket without closing it."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's signature
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Return a client context: TLS 1.2 or newer, the broker's certificate and name checked.

    Raises:
        ConfigurationError: a file is missing, unreadable, open to others, or does not fit.
    """
    context = _trusting(tls)
    context.sslsocket_class = _TidySocket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate:
        _identify(context, tls)
    if not tls.verify:
        log.warning("the broker's certificate is NOT checked: anybody can pose as the broker")
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _trusting(tls: Tls) -> ssl.SSLContext:
    try:
        authority = secret_path("mqtt.tls.ca", tls.ca) if tls.ca else None
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise ConfigurationError(
            f"mqtt.tls.ca: {tls.ca} cannot be used: {error.strerror or error}",
            cure="name a readable PEM file with the certificate of the broker's CA",
        ) from error


def _identify(context: ssl.SSLContext, tls: Tls) -> None:
    certificate = secret_path("mqtt.tls.certificate", tls.certificate)
    key = secret_path("mqtt.tls.key", tls.key) if tls.key else certificate
    check_private("mqtt.tls.key" if tls.key else "mqtt.tls.certificate", key)
    try:
        # The empty password makes an encrypted key an error instead of a question on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise ConfigurationError(
            f"mqtt.tls: {tls.certificate} and its key cannot be used: {error.strerror or error}",
            cure="name a PEM certificate and the unencrypted key that belongs to it",
        ) from error
