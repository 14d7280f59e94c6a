"""Credentials out of URLs, and out of whatever GStreamer says about them."""

from __future__ import annotations

import re
from collections.abc import Collection

_USERINFO = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s]*@")
_HIDDEN = "***"


def redact_url(text: str) -> str:
    """Replace the user and password of every URL in a text by `***`."""
    return _USERINFO.sub(rf"\1{_HIDDEN}@", text)


def scrub(text: str, secrets: Collection[str]) -> str:
    """Redact URLs, and every one of `secrets` wherever it stands."""
    text = redact_url(text)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text
