"""Nanoseconds since 1970 to RFC 3339 text and back, exactly."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from gleancam.wire.error import WireError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST_NS = 253_402_300_800 * 10**9 - 1
"""The end of the year 9999."""
_TEXT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z", re.ASCII)


def rfc3339(utc_ns: int) -> str:
    """Return UTC nanoseconds as `2025-01-31T12:00:00.123456789Z`; always nine decimals.

    Raises:
        ValueError: before 1970 or after 9999.
    """
    if not 0 <= utc_ns <= LAST_NS:
        raise ValueError(f"time must lie in 1970…9999, but is {utc_ns} ns")
    seconds, rest_ns = divmod(utc_ns, 10**9)
    whole = _EPOCH + timedelta(seconds=seconds)
    return f"{whole.isoformat()[:19]}.{rest_ns:09d}Z"


def nanoseconds(text: str) -> int:
    """Return the UTC nanoseconds of a time written by `rfc3339`.

    Raises:
        WireError: another format, or no such date.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise WireError(f"time must look like 2025-01-31T12:00:00.123456789Z, but is {text[:40]!r}")
    try:
        whole = datetime.fromisoformat(f"{match[1]}+00:00")
    except ValueError as error:
        raise WireError(f"no such time: {text}") from error
    if whole < _EPOCH:
        raise WireError(f"time lies before 1970: {text}")
    since = whole - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + int(match[2])
