"""What a foreign library said, in a line."""

from __future__ import annotations


def said(error: BaseException) -> str:
    """Return the first line of an error's text, or its type where it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def cause(error: BaseException) -> str:
    """Return the first line of what is at the bottom of a chain of errors."""
    while error.__cause__ is not None:
        error = error.__cause__
    return said(error)
