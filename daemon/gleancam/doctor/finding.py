"""What an examination found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(str, Enum):
    """How bad it is."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        part: what was looked at, one word.
        cure: what a person can do; empty when all is well.
    """

    level: Level
    part: str
    what: str
    cure: str = ""


def ok(part: str, what: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, part, what)


def info(part: str, what: str, cure: str) -> Finding:
    """It works; there is something to be known, or to be gained."""
    return Finding(Level.INFO, part, what, cure)


def warn(part: str, what: str, cure: str) -> Finding:
    """It works, but not as well as it could."""
    return Finding(Level.WARN, part, what, cure)


def fail(part: str, what: str, cure: str) -> Finding:
    """It cannot work like this."""
    return Finding(Level.FAIL, part, what, cure)
