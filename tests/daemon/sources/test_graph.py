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


def test_whoever_starts_the_pipeline_leaves_alone_what_is_not_started_yet() -> None:
    """Else both would start it, each with a lock that the other waits for: a loop stood still."""
    unlocked: list[Any] = []

    class Watched(gst().Bin):  # type: ignore[misc]
        def set_locked_state(self, locked: bool) -> bool:  # noqa: FBT001 - GStreamer's signature
            if not locked:
                unlocked.append(self.get_state(0).state)
            return bool(super().set_locked_state(locked))

    pipeline = gst().Pipeline.new(None)
    pipeline.set_state(gst().State.PLAYING)
    try:
        chain(pipeline, Watched())
        (state,) = unlocked
        assert state >= gst().State.PAUSED
    finally:
        pipeline.set_state(gst().State.NULL)
