"""Decoding keyframes alone: the rest is dropped before the decoder."""

from __future__ import annotations

from typing import Any

from gleancam.sources._gst import gst
from gleancam.sources.graph import make


def keyframe_filter() -> Any:
    """Make the element that lets only keyframes through, and says so downstream.

    A decoder holds pictures back until those that follow say nothing comes between: with
    keyframes seconds apart, it would be seconds late. A segment marked as key units only makes it
    give every picture at once.
    """
    keep = make("identity", drop_buffer_flags=gst().BufferFlags.DELTA_UNIT)
    events = gst().PadProbeType.EVENT_DOWNSTREAM
    keep.get_static_pad("src").add_probe(events, _mark_segment)
    return keep


def _mark_segment(pad: Any, info: Any) -> Any:
    event = info.get_event()
    marked = gst().SegmentFlags.TRICKMODE_KEY_UNITS
    if event.type != gst().EventType.SEGMENT or event.parse_segment().flags & marked:
        return gst().PadProbeReturn.OK
    segment = event.parse_segment().copy()
    segment.flags |= marked
    pad.push_event(gst().Event.new_segment(segment))
    return gst().PadProbeReturn.DROP
