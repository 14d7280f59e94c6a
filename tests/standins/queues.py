"""Streams: work is queued, and done in order when somebody waits for it.

A real device may do it any time from the call to the end of the wait; doing it as late as possible
shows a buffer that is read, overwritten or freed too early.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

_handles = itertools.count(0x5000_0000, 0x100)


@dataclass(eq=False)
class Queue:
    """The work of one stream.

    Attributes:
        context: the CUDA context it belongs to.
    """

    context: Hashable
    handle: int = field(default_factory=lambda: next(_handles))
    work: deque[Callable[[], None]] = field(default_factory=deque)
    closed: bool = False
    submitted: int = 0
    done: int = 0

    def submit(self, job: Callable[[], None]) -> None:
        """Add work behind what waits."""
        assert not self.closed, "work is queued on a destroyed stream"
        self.work.append(job)
        self.submitted += 1

    def drain(self, until: int | None = None) -> None:
        """Do the work that waits, in order: all, or the first `until` that were ever queued."""
        while self.work and (until is None or self.done < until):
            self.done += 1
            self.work.popleft()()
