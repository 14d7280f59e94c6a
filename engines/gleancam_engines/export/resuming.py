"""A download that goes on where it broke off, in this run or a later one."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from gleancam_engines.errors import FetchError
from gleancam_engines.fetching.checked import CHUNK_BYTES
from gleancam_engines.fetching.progress import Progress

TIMEOUT_S = 30.0
"""For connecting and for every read."""
TRIES = 5
"""Attempts in a row that bring nothing, before giving up."""
PAUSE_S = 1.0
_BAD_RANGE = 416


def resume(
    url: str, part: Path, size_bytes: int, headers: Mapping[str, str], tell: Progress, what: str
) -> None:
    """Bring `part` to `size_bytes` with what is behind `url`, and sync it.

    Raises:
        FetchError: the server cannot be reached, sends too much, or stops sending; what has come
            stays in `part`.
        OSError: the disk is full.
    """
    idle = 0
    while (done := _size(part)) < size_bytes:
        problem = _attempt(url, part, size_bytes, headers, tell, what)
        idle = 0 if _size(part) > done else idle + 1
        if idle == TRIES:
            raise FetchError(
                f"{what}: {problem}; {_size(part)} of {size_bytes} bytes are here and kept: check "
                "the network and try again"
            )
        if problem:
            time.sleep(PAUSE_S)
    if _size(part) > size_bytes:
        part.unlink()
        raise FetchError(f"{what} is longer than the {size_bytes} bytes announced; try again")


def _attempt(
    url: str, part: Path, size_bytes: int, headers: Mapping[str, str], tell: Progress, what: str
) -> str:
    """Append what one answer brings, and return why it ended early; empty when it did not."""
    done = _size(part)
    request = Request(url, headers={**headers, "Range": f"bytes={done}-"})  # noqa: S310 - the hub's
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
            whole = answer.status != http.client.PARTIAL_CONTENT
            with part.open("wb" if whole else "ab") as file:
                while chunk := answer.read1(CHUNK_BYTES):
                    file.write(chunk)
                    tell(what, file.tell(), size_bytes)
                file.flush()
                os.fsync(file.fileno())
    except HTTPError as error:
        if error.code == _BAD_RANGE:
            part.unlink(missing_ok=True)
        return f"the server answered {error.code}"
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    except OSError as error:
        if error.errno is not None:  # the disk's; the network's have none
            raise
        return str(error)
    return "" if _size(part) >= size_bytes else "the connection ended early"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
