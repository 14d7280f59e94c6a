"""Elements join a pipeline that somebody else may be starting."""

from __future__ import annotations

from typing import Any

from gleancam.sources._gst import gst
from gleancam.sources.graph import chain, make


def test_nothing_starts_before_it_is_linked() -> None:
    pipeline = gst().Pipeline.new(None)
    seen: list[Any] = []

    def start_what_is_inside(_pipeline: Any, element: Any) -> None:
        pipeline.sync_children_states()
        seen.append(element.get_state(0).state)

    pipeline.connect("element-added", start_what_is_inside)
    pipeline.set_state(gst().State.PLAYING)
    source, sink = make("fakesrc"), make("fakesink")
    try:
        chain(pipeline, source, sink)
        assert seen == [gst().State.NULL] * 2
        for element in (source, sink):
            assert element.get_state(gst().SECOND * 10).state >= gst().State.PAUSED
    finally:
        pipeline.set_state(gst().State.NULL)
