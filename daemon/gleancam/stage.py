"""A stage: one named thread with a heartbeat. The only file that creates threads.

A stage's function gets a `Pulse`. It beats while it works, says when it waits on another part, and
asks it whether to stop. A function that raises ends its stage and reports the crash, which takes
the whole daemon down cleanly; systemd restarts it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias


class Pulse:
    """How one stage shows that it is alive, and learns that it should stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._beat_ns = time.monotonic_ns()
        self._waiting_on: str | None = None

    @property
    def stopping(self) -> bool:
        """Whether the stage has been asked to stop."""
        return self._stop.is_set()

    @property
    def waiting_on(self) -> str | None:
        """What the stage is blocked on, if it said so."""
        return self._waiting_on

    def stop(self) -> None:
        """Ask the stage to stop, and wake it if it sleeps."""
        self._stop.set()

    def beat(self) -> None:
        """Say: I am working."""
        self._beat_ns = time.monotonic_ns()

    def sleep(self, seconds: float, on: str = "time") -> bool:
        """Wait at most `seconds` for `on` to get better; True as soon as the stage should stop."""
        with self.waiting(on):
            return self._stop.wait(seconds)

    @contextmanager
    def waiting(self, on: str) -> Iterator[None]:
        """Say: I am well, but blocked on `on`. Blocking for long is no sign of a hang."""
        self._waiting_on = on
        try:
            yield
        finally:
            self._waiting_on = None
            self.beat()

    def silent_s(self) -> float:
        """Seconds since the last sign of life; 0 while waiting."""
        if self._waiting_on is not None:
            return 0.0
        return (time.monotonic_ns() - self._beat_ns) / 1e9


Crash: TypeAlias = Callable[[str, BaseException], None]
"""Called with the stage's name and what it raised, on the stage's own thread."""


class Stage:
    """A named thread that runs one function until it returns, raises, or is asked to stop."""

    def __init__(self, name: str, run: Callable[[Pulse], None], on_crash: Crash) -> None:
        self.name = name
        self.pulse = Pulse()
        self._run = run
        self._on_crash = on_crash
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; a stage is started once."""
        self.pulse.beat()
        self._thread.start()

    def stop(self) -> None:
        """Ask the stage to stop; `join` waits for it."""
        self.pulse.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end of the thread; False when it still runs after `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _main(self) -> None:
        try:
            self._run(self.pulse)
        except BaseException as error:  # noqa: BLE001 - whatever ends a stage must reach the report
            self._on_crash(self.name, error)
