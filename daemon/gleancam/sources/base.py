"""The source contract."""

from __future__ import annotations

from typing import Protocol

from gleancam.stage import Pulse
from gleancam_engines.planes import Planes


class Outlet(Protocol):
    """Where a source puts what it captured. Masks, numbers and counts; never blocks.

    `picture` comes from the source's own stage; the others may come from GStreamer's threads.
    """

    def picture(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:
        """Hand over one sampled picture; `planes` are owned by the callee from here on."""

    def glimpse(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:
        """Hand over one picture of the decoder-rate branch, of which only a thumbnail is kept.

        `planes` may be a view that is valid only during the call.
        """

    def missed_glimpse(self) -> None:
        """Count one picture that the decoder-rate branch dropped."""

    def received(self, encoded_bytes: int) -> None:
        """Count what the camera sent, before it is decoded."""

    def produced(self) -> None:
        """Count one sampled picture that reached the appsink, whether or not it is pulled."""

    def damaged(self, count: int) -> None:
        """Count pictures that could not be decoded; they were never produced."""


class Source(Protocol):
    """One camera.

    `run` is called on a stage of its own and may be called again after it returned or raised; each
    call opens the camera anew and releases everything before it ends.
    """

    def run(self, outlet: Outlet, pulse: Pulse) -> None:
        """Capture until `pulse.stopping`, or return at the end of a finite source.

        Raises:
            SourceError: the camera failed; `transient` says whether trying again may help.
        """
