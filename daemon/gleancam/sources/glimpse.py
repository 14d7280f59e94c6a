"""The decoder-rate branch: every decoded picture, seen for a moment on GStreamer's own thread."""

from __future__ import annotations

from typing import Any

from gleancam.sources._gst import gst
from gleancam.sources.base import Outlet
from gleancam.sources.buffers import I420_CAPS, borrowed_planes
from gleancam.sources.clocks import Clocks
from gleancam.sources.graph import caps_filter, chain, make
from gleancam.sources.pipeline import Pipeline


def add_glimpses(pipeline: Pipeline, tee: Any, outlet: Outlet) -> None:
    """Hang the branch on a tee. It drops rather than hold the sampled pictures up."""
    queue = make("queue", max_size_buffers=2, max_size_bytes=0, max_size_time=0)
    gst().util_set_object_arg(queue, "leaky", "downstream")
    sink = make("appsink", sync=False, max_buffers=1, drop=True, async_=False, emit_signals=True)
    chain(pipeline.element, tee, queue, make("videoconvert"), caps_filter(I420_CAPS), sink)
    clocks = Clocks(pipeline.element)

    def glimpse(_sink: Any) -> Any:
        sample = sink.emit("pull-sample")
        if sample is not None:
            with borrowed_planes(sample) as planes:
                outlet.glimpse(planes, *clocks.captured(sample))
        return gst().FlowReturn.OK

    pipeline.connect(sink, "new-sample", glimpse, failed=gst().FlowReturn.ERROR)
    pipeline.connect(queue, "overrun", lambda _queue: outlet.missed_glimpse())
