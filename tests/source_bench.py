"""Running a source on a stage of its own, and keeping what it hands over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gleancam.sources.base import Source
from gleancam.stage import Pulse, Stage
from gleancam_engines.planes import Planes

PATIENCE_S = 30


@dataclass
class KeepingOutlet:
    """Keeps every picture, and counts the rest."""

    pictures: list[tuple[Planes, int, int]] = field(default_factory=list)
    glimpses: list[tuple[int, int]] = field(default_factory=list)
    count_produced: int = 0
    missed: int = 0
    lost: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def picture(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:
        with self.changed:
            self.pictures.append((planes, captured_ns, mono_ns))
            self.changed.notify_all()

    def glimpse(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:  # noqa: ARG002 - the protocol's
        self.glimpses.append((planes.height, planes.width))

    def missed_glimpse(self) -> None:
        self.missed += 1

    def produced(self) -> None:
        self.count_produced += 1

    def received(self, encoded_bytes: int) -> None:
        del encoded_bytes

    def damaged(self, count: int) -> None:
        self.lost += count

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.pictures) >= count, PATIENCE_S), (
                f"{len(self.pictures)} of {count} pictures came"
            )


class Running:
    """A source at work."""

    def __init__(self, run: Callable[[Pulse], None]) -> None:
        self.errors: list[BaseException] = []
        self.stage = Stage("source", run, lambda _name, error: self.errors.append(error))

    def finish(self) -> None:
        """Wait for the source to end by itself."""
        assert self.stage.join(PATIENCE_S), "the source did not end"

    def error(self) -> BaseException:
        self.finish()
        assert self.errors, "the source ended without an error"
        return self.errors[0]


@contextmanager
def running(source: Source, outlet: KeepingOutlet) -> Iterator[Running]:
    with staged(lambda pulse: source.run(outlet, pulse)) as run:
        yield run


@contextmanager
def staged(function: Callable[[Pulse], None]) -> Iterator[Running]:
    run = Running(function)
    run.stage.start()
    try:
        yield run
    finally:
        run.stage.stop()
        assert run.stage.join(PATIENCE_S), "the source did not stop"


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.02)
