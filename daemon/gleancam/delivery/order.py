"""What carries a command out, and what it may say to that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gleancam.wire.command import Command
from gleancam.wire.command_result import Verdict


@dataclass(frozen=True, slots=True)
class Later:
    """A command that takes longer than delivery may wait.

    Attributes:
        verdict: asked again and again on the delivery stage's thread; None while it is under way.
            It must come to a verdict by itself, however long the work takes.
    """

    verdict: Callable[[], Verdict | None]


Order: TypeAlias = Callable[[Command], "str | Verdict | Later"]
"""Carries a command out; returns why it was refused, or nothing; or all there is to say.

It runs on the delivery stage's thread and never blocks: it sets a flag or fills a bounded queue.
"""
