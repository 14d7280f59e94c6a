"""Why TLS failed, in words, and the cure."""

from __future__ import annotations

import ssl

from gleancam.errors import SinkError, UntrustedBrokerError

# X509_V_ERR_*, openssl-verification-options(1) and x509_vfy.h.
_CERTIFICATE = {
    9: (
        "is not valid yet",
        "check this device's clock (gleancam doctor), then the certificate's dates",
    ),
    10: ("has expired", "renew it on the broker (and check this device's clock)"),
    18: (
        "is self-signed and not ours",
        "name it, or better its authority, in mqtt.tls.ca; or somebody poses as the broker",
    ),
    19: (
        "is of an authority that is not ours",
        "name the broker's authority in mqtt.tls.ca; or somebody poses as the broker",
    ),
    20: (
        "is of an authority that is not ours",
        "name the broker's authority in mqtt.tls.ca; or somebody poses as the broker",
    ),
    23: ("was revoked", "give the broker a new one"),
    62: (
        "is for another name",
        "set mqtt.host to a name in it, or make one for this name",
    ),
    64: (
        "is for another address",
        "set mqtt.host to a name in it, or make one for this address",
    ),
}
# Alerts and reasons of OpenSSL, as `ssl.SSLError.reason` has them.
_REASONS = {
    "UNSUPPORTED_PROTOCOL": ("it speaks only TLS older than 1.2", "upgrade the broker"),
    "TLSV1_ALERT_PROTOCOL_VERSION": ("it speaks only TLS older than 1.2", "upgrade the broker"),
    "WRONG_VERSION_NUMBER": (
        "what answers does not speak TLS",
        "check mqtt.port: 8883 is usual with TLS, 1883 without",
    ),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        "it wants a certificate of ours",
        "set mqtt.tls.certificate and mqtt.tls.key",
    ),
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": ("it says that ours has expired", "renew it"),
    "SSLV3_ALERT_CERTIFICATE_REVOKED": ("it says that ours was revoked", "ask for a new one"),
    "SSLV3_ALERT_BAD_CERTIFICATE": ("it does not take ours", "check mqtt.tls.certificate"),
    "TLSV1_ALERT_UNKNOWN_CA": (
        "it does not know the authority of ours",
        "check mqtt.tls.certificate, and the broker's cafile",
    ),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        "it refused the handshake",
        "it may want a certificate of ours (mqtt.tls.certificate), or older ciphers than we have",
    ),
}


def explain(error: ssl.SSLError) -> tuple[str, str]:
    """Return what is wrong, in a few words, and the cure."""
    if isinstance(error, ssl.SSLCertVerificationError):
        words, cure = _CERTIFICATE.get(
            error.verify_code, (f"cannot be trusted ({error.verify_message})", "see the broker's")
        )
        return f"the broker's certificate {words}", cure
    reason = error.reason or ""
    unknown = (f"TLS failed: {reason or error}", "compare mqtt.tls with the broker's settings")
    return _REASONS.get(reason, unknown)


def trouble(where: str, error: ssl.SSLError) -> SinkError:
    """Return the error of a failed handshake; `where` is host and port."""
    what, cure = explain(error)
    kind = UntrustedBrokerError if isinstance(error, ssl.SSLCertVerificationError) else SinkError
    return kind(f"no connection to {where}: {what}", cure=cure, transient=True)
