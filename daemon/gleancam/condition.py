"""The words for what is odd about a camera's pictures."""

from __future__ import annotations

from typing import Literal, TypeAlias

Condition: TypeAlias = Literal["frozen", "dark", "overexposed", "covered", "blurred", "moved"]

CONDITIONS: tuple[Condition, ...] = (
    "frozen",
    "dark",
    "overexposed",
    "covered",
    "blurred",
    "moved",
)
"""All of them, in the order in which they are told; daemon/README.md says what each means."""
