"""How far a build is, told from TensorRT's nested phases."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from gleancam_engines.fetching.progress import Progress
from gleancam_engines.trt.interruption import Interruption

TOTAL = 1000
"""What a whole build counts as."""


@dataclass(slots=True)
class _Phase:
    parent: str
    steps: int
    done: int = 0


class Phases:
    """Phases within phases, as one share from 0 to 1 that never falls.

    A phase counts its finished steps; the running step counts as far as the phase inside it is.
    TensorRT calls from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, _Phase] = {}
        self._share = 0.0

    def start(self, name: str, parent: str | None, steps: int) -> None:
        """Enter a phase of so many steps."""
        with self._lock:
            self._running[name] = _Phase(parent or "", max(1, steps))

    def step(self, name: str, number: int) -> float:
        """Finish a step, counted from 0, and return the share of the whole build."""
        with self._lock:
            if name in self._running:
                self._running[name].done = number + 1
                self._share = max(self._share, min(1.0, self._reached(name)))
            return self._share

    def finish(self, name: str) -> None:
        """Leave a phase."""
        with self._lock:
            self._running.pop(name, None)

    def _reached(self, name: str) -> float:
        """Return how much of the outermost phase around `name` is done."""
        phase = self._running[name]
        share = phase.done / phase.steps
        while phase.parent in self._running:
            phase = self._running[phase.parent]
            share = (phase.done + min(share, 1.0)) / phase.steps
        return share


def make_monitor(trt: Any, what: str, tell: Progress, interruption: Interruption) -> Any:
    """Return a `trt.IProgressMonitor` that tells of `what`, and stops the build once interrupted.

    It must outlive the build.
    """
    phases, told = Phases(), [-1]

    def report(done: int) -> None:
        if done > told[0]:
            told[0] = done
            tell(what, done, TOTAL)

    class _Monitor(trt.IProgressMonitor):  # type: ignore[misc] # the base is known at run time only
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            with interruption:
                phases.start(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            with interruption:
                report(int(TOTAL * phases.step(phase_name, step)))
            return not interruption.came

        def phase_finish(self, phase_name: str) -> None:
            with interruption:
                phases.finish(phase_name)

    return _Monitor()
