"""Every source that GStreamer opens: build the graph, pull from it, release it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from gleancam.config.keys import Camera
from gleancam.sources.base import Outlet
from gleancam.sources.decoding import Landing
from gleancam.sources.faults import fault
from gleancam.sources.graph import make
from gleancam.sources.pipeline import Pipeline
from gleancam.sources.pull import pull
from gleancam.sources.tail import add_tail, watchdog
from gleancam.stage import Pulse

AnyOneCamera = TypeVar("AnyOneCamera", bound=Camera)
Head = Callable[[Pipeline, AnyOneCamera, Landing], None]
"""Puts what opens the camera into a pipeline and lets its stream land."""


class GStreamerSource(Generic[AnyOneCamera]):
    """A camera behind a GStreamer graph, built anew by every `run`.

    A live source never ends by itself: the end of its stream is an error. A finite one plays at
    its own speed and returns at its end.
    """

    def __init__(
        self,
        camera: AnyOneCamera,
        head: Head[AnyOneCamera],
        where: str,
        *,
        live: bool = True,
        loop: bool = False,
    ) -> None:
        """Describe a source; nothing is opened.

        Args:
            camera: its configuration.
            head: opens it.
            where: names it in errors, without credentials.
            live: whether it has no end.
            loop: whether a finite source starts again at its end.
        """
        self._camera = camera
        self._head = head
        self._where = where
        self._live = live
        self._loop = loop

    def run(self, outlet: Outlet, pulse: Pulse) -> None:
        """Capture until `pulse.stopping`, or to the end of a finite source.

        Raises:
            SourceError: the camera failed.
        """
        self._play(outlet, pulse)
        while self._loop and not pulse.stopping:
            self._play(outlet, pulse)

    def _play(self, outlet: Outlet, pulse: Pulse) -> None:
        with Pipeline(self._where) as pipeline:
            sink, landing = self._build(pipeline, outlet)
            pipeline.play()
            pictures = pull(pipeline, sink, landing, outlet, pulse)
            if pulse.stopping:
                return
            if self._live:
                raise fault("end_of_stream", f"{self._where}: the stream ended")
            if not pictures:
                raise fault("corrupt", f"{self._where} holds no picture that can be decoded")

    def _build(self, pipeline: Pipeline, outlet: Outlet) -> tuple[Any, Landing]:
        camera = self._camera
        pace = make("identity", sync=not self._live)
        guard = watchdog(camera)
        heads = [pace] if camera.keyframes_only else [pace, guard]
        sink = add_tail(pipeline, camera, outlet, heads)
        before = guard if camera.keyframes_only else None
        landing = Landing(
            pipeline,
            pace,
            before,
            keyframes_only=camera.keyframes_only,
            encoded=outlet.received,
        )
        pipeline.activate()
        self._head(pipeline, camera, landing)
        return sink, landing
