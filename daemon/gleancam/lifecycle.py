"""Start and stop in order: started downstream first, stopped upstream first, within budgets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gleancam.errors import MODEL_EXIT_CODE
from gleancam.stage import Stage
from gleancam_engines.errors import EngineError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that runs.

    Attributes:
        stop: called with the budget in seconds; False when it still ran when that was over.
        stages: whose heartbeat counts for this part.
        budget_s: how long it may take to stop.
    """

    name: str
    start: Callable[[], None]
    stop: Callable[[float], bool]
    budget_s: float
    stages: tuple[Stage, ...] = ()


def stage_part(stage: Stage, budget_s: float, end: Callable[[], None] | None = None) -> Part:
    """Make a part of one stage; `end` tells it to finish, in place of a plain `stop`."""

    def stop(budget: float) -> bool:
        (end or stage.stop)()
        if stage.join(budget):
            return True
        stage.stop()
        return stage.join(1.0)

    return Part(stage.name, stage.start, stop, budget_s, (stage,))


class Lifecycle:
    """All parts, downstream first."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._started: list[Part] = []

    def start(self) -> None:
        """Start every part, downstream first."""
        for part in self._parts:
            part.start()
            self._started.append(part)

    def stop(self) -> tuple[str, ...]:
        """Stop what was started, upstream first.

        Returns:
            The parts that overstayed their budgets and may still run.
        """
        left = []
        while self._started:
            part = self._started.pop()
            if not part.stop(part.budget_s):
                log.error("%s did not stop within %.0f s", part.name, part.budget_s)
                left.append(part.name)
        return tuple(left)

    def silent(self, limit_s: float) -> tuple[str, ...]:
        """Names of running stages that neither worked nor waited for `limit_s`."""
        return tuple(
            stage.name
            for part in self._started
            for stage in part.stages
            if stage.alive and stage.pulse.silent_s() > limit_s
        )


class CrashReport:
    """The first crash of any stage; later ones are only logged."""

    def __init__(self) -> None:
        self._first: BaseException | None = None
        self._mutex = threading.Lock()

    @property
    def happened(self) -> bool:
        """Whether a stage has crashed."""
        return self._first is not None

    @property
    def exit_code(self) -> int:
        """0 without a crash, 3 when a model caused it, else 1: systemd is to start again."""
        if self._first is None:
            return 0
        return MODEL_EXIT_CODE if isinstance(self._first, EngineError) else 1

    def report(self, stage: str, error: BaseException) -> None:
        """Take note of what ended a stage; called on the stage's own thread."""
        log.critical("stage %s ended", stage, exc_info=error)
        with self._mutex:
            self._first = self._first or error
