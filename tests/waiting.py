"""Waiting for other threads and processes without assuming how fast they are."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

LONGEST_S = 90.0


def wait_until(condition: Callable[[], object], what: str = "it") -> None:
    """Return as soon as `condition` holds; fail the test when it never does."""
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {LONGEST_S:.0f} s in vain for {what}")
        time.sleep(0.01)
