"""How a fetch says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, "int | None"], None]
"""Called with what is coming, the bytes that are here, and the total where it is known.

Calls come now and then while bytes arrive, from the thread that fetches.
"""


def silent(_what: str, _done_bytes: int, _total_bytes: int | None) -> None:
    """Say nothing."""
