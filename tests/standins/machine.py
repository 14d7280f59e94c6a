"""The simulated device: memory, streams, contexts and what it is told to be."""

from __future__ import annotations

import gc
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field

from standins.memory import Memory
from standins.queues import Queue
from standins.recording import Recording


@dataclass
class Machine:
    """What tests look at and turn.

    Attributes:
        refused_operators: ONNX operators that the parser says it does not know.
        errors: what is to fail, such as `IExecutionContext.execute_async_v3` or `Runtime`, and why.
            TensorRT logs the text and gives None or False; pycuda raises: `MemoryError: used up`.
        recording: every call, in order.
        output_bound_bytes: what TensorRT says that an output takes whose size the input decides.
        leaks: what could not be freed, because the thread had not the right context.
    """

    compute_capability: tuple[int, int] = (8, 7)
    name: str = "Orin"
    memory_bytes: int = 8 << 30
    refused_operators: frozenset[str] = frozenset(
        {"DynamicQuantizeLinear"}  # which the real parser refuses
    )
    errors: dict[str, str] = field(default_factory=dict)
    output_bound_bytes: int = 1 << 20
    initialised: bool = False
    recording: Recording = field(default_factory=Recording)
    device: Memory = field(default_factory=lambda: Memory("device"))
    pinned: Memory = field(default_factory=lambda: Memory("page-locked host"))
    queues: dict[int, Queue] = field(default_factory=dict)
    events: int = 0
    leaks: list[str] = field(default_factory=list)
    stacks: dict[int, list[Hashable]] = field(default_factory=dict)

    @property
    def stack(self) -> list[Hashable]:
        """The contexts that this thread has pushed; the last one is current."""
        return self.stacks.setdefault(threading.get_ident(), [])

    @property
    def current(self) -> Hashable | None:
        """The context that calls of this thread go to."""
        return self.stack[-1] if self.stack else None

    def queue(self, handle: int) -> Queue:
        """Return the stream of a handle."""
        assert handle in self.queues, f"{handle:#x} is no stream"
        queue = self.queues[handle]
        assert not queue.closed, "a destroyed stream is used"
        return queue

    def add_queue(self, context: Hashable) -> Queue:
        """Open a stream."""
        queue = Queue(context)
        self.queues[queue.handle] = queue
        return queue

    def close_queue(self, queue: Queue) -> None:
        """Destroy a stream; the real one first does what waits, and so hides a missing wait."""
        assert not queue.work, "a stream is destroyed while work waits on it"
        queue.closed = True

    def check(self) -> None:
        """Assert that nothing is left behind: memory, streams, contexts on a thread's stack."""
        gc.collect()
        assert not self.leaks, f"not freed: {self.leaks}"
        left = {thread: stack for thread, stack in self.stacks.items() if stack}
        assert not left, f"contexts are left pushed, which aborts the process: {left}"
        for memory in (self.device, self.pinned):
            assert not memory.living, f"{len(memory.living)} blocks of {memory.kind} memory leak"
        assert not self.events, f"{self.events} events are never destroyed"
        open_queues = [queue for queue in self.queues.values() if not queue.closed]
        assert not open_queues, f"{len(open_queues)} streams are never destroyed"
