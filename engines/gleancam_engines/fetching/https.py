"""A model file at an https URL."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from email.message import Message
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from gleancam_engines.errors import FetchError
from gleancam_engines.fetching.checked import CHUNK_BYTES
from gleancam_engines.manifest_sources import HttpsSource

TIMEOUT_S = 10.0
"""For connecting and for every read: an unreachable host must not hold up the next source."""


class _HttpsOnly(HTTPRedirectHandler):
    """Follows redirects, but never away from https."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            raise URLError("redirected away from https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def read(source: HttpsSource) -> Iterator[bytes]:
    """Yield the bytes behind the URL.

    Raises:
        FetchError: no connection, no valid certificate, a status other than 200, or silence.
    """
    host = urlsplit(source.url).hostname
    try:
        with build_opener(_HttpsOnly()).open(source.url, timeout=TIMEOUT_S) as answer:
            yield from iter(lambda: answer.read(CHUNK_BYTES), b"")
            missing_bytes = answer.length
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"https://{host}: {error}") from error
    if missing_bytes:
        raise FetchError(f"https://{host}: the connection ended {missing_bytes} bytes early")
