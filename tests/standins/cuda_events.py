"""`pycuda.driver`: marks on a stream that one can wait for."""

from __future__ import annotations

from typing import Any

from standins.cuda_contexts import Owned
from standins.cuda_errors import fail
from standins.cuda_functions import queue_of
from standins.queues import Queue

DISABLE_TIMING = 2


class Event(Owned):
    def _begin(self, flags: int = 0) -> None:
        self._own("explicit_context_dependent")
        self._flags = flags
        self._queue: Queue | None = None
        self._due = 0
        self._machine.events += 1

    def record(self, stream: Any = None) -> Event:
        self._queue = queue_of(self._space, stream, "cuEventRecord")
        self._due = self._queue.submitted if self._queue else 0
        return self

    def query(self) -> bool:
        return self._queue is None or self._queue.done >= self._due

    def synchronize(self) -> Event:
        """Wait for what was queued before the mark, and no more."""
        if self._queue is not None:
            self._queue.drain(self._due)
        return self

    def time_since(self, start: Event) -> float:
        if (self._flags | start._flags) & DISABLE_TIMING:
            fail(self._module, "cuEventElapsedTime", "invalid resource handle")
        return 1.0

    def time_till(self, end: Event) -> float:
        return end.time_since(self)

    def __del__(self) -> None:
        if "_begun" in vars(self) and "_context" in vars(self):
            self._space.recording.add("del Event", {})
            self._may_clean_up()
            self._machine.events -= 1
