"""Bounded hand-over between stages: a closable queue, and one latest-wins slot per camera."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Generic, TypeVar

from gleancam.errors import ChannelClosedError
from gleancam.stage import Pulse
from gleancam.types import Frame, Pending, Thumbnail

T = TypeVar("T")

THUMBNAILS_PER_SLOT = 64
"""About two seconds at 30 frames a second: longer than any batch takes."""


class WhenFull(Enum):
    """What a full channel does with one item more."""

    BLOCK = "block"
    REFUSE = "refuse"


class Channel(Generic[T]):
    """A bounded first-in, first-out queue that can be closed from either end."""

    def __init__(self, name: str, capacity: int, when_full: WhenFull) -> None:
        self.name = name
        self.capacity = capacity
        self.when_full = when_full
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        """Whether there is room for nothing more."""
        return len(self._items) >= self.capacity

    def put(self, item: T, pulse: Pulse | None = None, timeout_s: float | None = None) -> bool:
        """Add `item`.

        Returns:
            False when the channel is full: at once if it refuses, after `timeout_s` if it blocks.

        Raises:
            ChannelClosedError: the channel is closed, also while blocked.
        """
        with self._changed:
            if self.when_full is WhenFull.BLOCK:
                self._wait_for(lambda: self._closed or not self.full, pulse, timeout_s)
            if self._closed:
                raise ChannelClosedError(f"channel {self.name} is closed")
            if self.full:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def get(self, timeout_s: float | None = None, pulse: Pulse | None = None) -> T | None:
        """Take the oldest item; None when none came within `timeout_s`.

        Raises:
            ChannelClosedError: the channel is closed and empty.
        """
        with self._changed:
            self._wait_for(lambda: self._closed or bool(self._items), pulse, timeout_s)
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._closed:
                raise ChannelClosedError(f"channel {self.name} is closed")
            return None

    def drain(self) -> list[T]:
        """Take everything that is inside, at once."""
        with self._changed:
            items = list(self._items)
            self._items.clear()
            self._changed.notify_all()
            return items

    def close(self) -> None:
        """Take nothing more; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait_for(
        self, predicate: Callable[[], bool], pulse: Pulse | None, timeout_s: float | None = None
    ) -> None:
        if predicate():
            return
        if pulse is None:
            self._changed.wait_for(predicate, timeout_s)
            return
        with pulse.waiting(self.name):
            self._changed.wait_for(predicate, timeout_s)


class _Slot:
    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.thumbnails: deque[Thumbnail] = deque(maxlen=THUMBNAILS_PER_SLOT)


class FrameSlots:
    """One slot per camera in which the latest frame wins: no camera can delay another."""

    def __init__(self, camera_ids: Sequence[str]) -> None:
        self._slots = {camera_id: _Slot() for camera_id in camera_ids}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, frame: Frame) -> bool:
        """Store `frame`; True when it replaced one that nobody had taken (an overrun).

        Raises:
            ChannelClosedError: the slots are closed.
        """
        with self._changed:
            self._require_open()
            slot = self._slots[frame.camera_id]
            overrun = slot.frame is not None
            slot.frame = frame
            self._changed.notify_all()
            return overrun

    def put_thumbnail(self, thumbnail: Thumbnail) -> bool:
        """Store a thumbnail; True when the oldest one fell out.

        Raises:
            ChannelClosedError: the slots are closed.
        """
        with self._changed:
            self._require_open()
            waiting = self._slots[thumbnail.camera_id].thumbnails
            overrun = len(waiting) == THUMBNAILS_PER_SLOT
            waiting.append(thumbnail)
            return overrun

    def take(self, timeout_s: float, pulse: Pulse) -> list[Pending]:
        """Take what every camera has, as one batch; empty when no frame came in time.

        Raises:
            ChannelClosedError: the slots are closed and empty.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._has_frame() and not self._closed:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                with pulse.waiting("frames"):
                    self._changed.wait(left)
            batch = [self._empty(camera_id) for camera_id in self._slots]
            batch = [pending for pending in batch if pending.frame or pending.thumbnails]
            if self._closed and not batch:
                raise ChannelClosedError("frame slots are closed")
            return batch

    def close(self) -> None:
        """Take no more frames; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether no more frames will come."""
        return self._closed

    def has_frame(self) -> bool:
        """Whether a frame waits to be taken."""
        with self._changed:
            return self._has_frame()

    def _has_frame(self) -> bool:
        return any(slot.frame is not None for slot in self._slots.values())

    def _empty(self, camera_id: str) -> Pending:
        slot = self._slots[camera_id]
        pending = Pending(camera_id, slot.frame, tuple(slot.thumbnails))
        slot.frame = None
        slot.thumbnails.clear()
        return pending

    def _require_open(self) -> None:
        if self._closed:
            raise ChannelClosedError("frame slots are closed")
