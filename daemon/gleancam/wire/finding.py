"""What a device's doctor found: the lines of an answer to the command `doctor`, within a bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gleancam.wire.codec import encode
from gleancam.wire.fields import Payload, Text

MOST_FINDINGS = 32
MOST_BYTES = 3072
"""Of all findings of an answer, as JSON: so that it fits into every broker's packets."""

FindingLevel: TypeAlias = Literal["ok", "info", "warn", "fail"]
_WORST_FIRST: tuple[FindingLevel, ...] = ("fail", "warn", "info", "ok")


class FindingData(Payload, frozen=True, kw_only=True):
    """One thing that was looked at."""

    level: Annotated[
        FindingLevel,
        Meta(description="ok; info: to be known; warn: not as well as it could; fail: it cannot."),
    ]
    part: Annotated[str, Meta(max_length=32, description="What was looked at, one word.")]
    what: Annotated[Text, Meta(description="What is so, for people.")]
    cure: Annotated[Text, Meta(description="What a person can do; empty when all is well.")] = ""


def bounded(findings: Iterable[FindingData]) -> tuple[tuple[FindingData, ...], int]:
    """Return as many findings as fit, in their order, and how many were left off: the least bad."""
    numbered = list(enumerate(findings))
    kept, left_bytes = set[int](), MOST_BYTES
    for number, finding in sorted(numbered, key=lambda one: _WORST_FIRST.index(one[1].level)):
        left_bytes -= len(encode(finding)) + 1
        if left_bytes < 0 or len(kept) == MOST_FINDINGS:
            break
        kept.add(number)
    return tuple(one for number, one in numbered if number in kept), len(numbered) - len(kept)
