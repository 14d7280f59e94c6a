"""The end of every camera's graph: sampled pictures for all, a glimpse of every decoded one.

entry ! [identity sync] ! watchdog ! [tee] ! capssetter ! videorate ! I420 ! appsink
                                       tee ! queue leaky ! I420 ! appsink
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gleancam.config.keys import Camera
from gleancam.sources._gst import gst
from gleancam.sources.base import Outlet
from gleancam.sources.buffers import I420_CAPS
from gleancam.sources.glimpse import add_glimpses
from gleancam.sources.graph import caps_filter, chain, make
from gleancam.sources.pipeline import Pipeline

_CLAIMED_CAPS = "video/x-raw,framerate=60/1"
"""What `videorate` is told. Many cameras say nothing (0/1), and then it would drop nothing; in
drop-only mode it looks at timestamps alone, so a claim above every real rate is harmless."""


def watchdog(camera: Camera) -> Any:
    """Make the element that reports a camera that brings nothing, also one that never did."""
    return make("watchdog", timeout=round(camera.stall_timeout_s * 1000))


def add_tail(pipeline: Pipeline, camera: Camera, outlet: Outlet, heads: list[Any]) -> Any:
    """Add everything behind the decoder; `heads` are elements every decoded picture passes first.

    Returns:
        The appsink with the sampled pictures.
    """
    sampler = _sampler(camera)
    sink = make("appsink", sync=False, max_buffers=1, drop=True, async_=False)
    if camera.thumbnails == "decoded":
        tee = make("tee")
        chain(pipeline.element, *heads, tee)
        add_glimpses(pipeline, tee, outlet)
        heads = [tee]
    chain(pipeline.element, *heads, *sampler, make("videoconvert"), caps_filter(I420_CAPS), sink)
    _count(sink, outlet)
    return sink


def _sampler(camera: Camera) -> list[Any]:
    rate = Fraction(camera.fps).limit_denominator(1000)
    return [
        make("capssetter", caps=gst().Caps.from_string(_CLAIMED_CAPS)),
        make("videorate", drop_only=True),
        caps_filter(f"video/x-raw,framerate={rate.numerator}/{rate.denominator}"),
    ]


def _count(sink: Any, outlet: Outlet) -> None:
    # A probe, because appsink's own `dropped` stays 0 however many it drops.
    def seen(_pad: Any, _info: Any) -> Any:
        outlet.produced()
        return gst().PadProbeReturn.OK

    sink.get_static_pad("sink").add_probe(gst().PadProbeType.BUFFER, seen)
