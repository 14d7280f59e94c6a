"""When a picture was captured, on both clocks."""

from __future__ import annotations

import time
from typing import Any

from gleancam.sources._gst import gst

LONGEST_AGE_NS = 10_000_000_000
"""An age above this is a broken timestamp, not a delay, and is taken as 0."""


class Clocks:
    """Dates the samples of one pipeline.

    A buffer's timestamp says when the picture reached this machine (network cameras: when its
    first packet came) or was exposed (v4l2, CSI). What lies between that and now, decoding and
    waiting, is taken off the two clocks of the system. The way from lens to machine is unknown.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def captured(self, sample: Any) -> tuple[int, int]:
        """Return UTC and monotonic nanoseconds of a sample's capture."""
        age_ns = self._age_ns(sample)
        return time.time_ns() - age_ns, time.monotonic_ns() - age_ns

    def _age_ns(self, sample: Any) -> int:
        clock = self._pipeline.get_clock()
        buffer = sample.get_buffer()
        if clock is None or buffer.pts == gst().CLOCK_TIME_NONE:
            return 0
        running = sample.get_segment().to_running_time(gst().Format.TIME, buffer.pts)
        age_ns = int(clock.get_time()) - int(self._pipeline.get_base_time()) - int(running)
        return age_ns if 0 < age_ns <= LONGEST_AGE_NS else 0
