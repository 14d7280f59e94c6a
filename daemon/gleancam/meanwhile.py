"""Says something again and again, on a thread of its own, while something else takes long."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gleancam.stage import Pulse, Stage

LONGEST_S = 3600.0
"""What takes longer hangs: then no more is said, and systemd ends it."""

log = logging.getLogger(__name__)


@contextmanager
def meanwhile(
    name: str,
    say: Callable[[], None],
    every_s: float,
    given_up: str,
    longest_s: float = LONGEST_S,
) -> Iterator[None]:
    """Call `say` at once and every `every_s` while the body runs, for `longest_s` at most.

    Args:
        name: of the thread.
        say: what is said.
        every_s: between two calls.
        given_up: is logged if `say` raises, after which nothing more is said.
        longest_s: after that nothing more is said.
    """

    def run(pulse: Pulse) -> None:
        for _ in range(int(longest_s / every_s)):
            say()
            if pulse.sleep(every_s):
                return

    def give_up(_name: str, error: BaseException) -> None:
        log.error(given_up, exc_info=error)

    saying = Stage(name, run, give_up)
    saying.start()
    try:
        yield
    finally:
        saying.stop()
        saying.join(every_s)
