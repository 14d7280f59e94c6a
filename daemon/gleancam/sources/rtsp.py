"""The head of a network camera's graph."""

from __future__ import annotations

from typing import Any

from gleancam.config.keys import RtspCamera
from gleancam.sources._gst import gst
from gleancam.sources.credentials import address_of
from gleancam.sources.decoders import CODECS
from gleancam.sources.decoding import Landing
from gleancam.sources.faults import fault
from gleancam.sources.graph import chain, link_pad, make
from gleancam.sources.pipeline import Pipeline

_PAYLOADS = {
    "H264": ("rtph264depay", "video/x-h264"),
    "H265": ("rtph265depay", "video/x-h265"),
    "JPEG": ("rtpjpegdepay", "image/jpeg"),
    "MP4V-ES": ("rtpmp4vdepay", "video/mpeg,4"),
}
"""RTP encoding name (RFC 6184, 7798, 2435, 6416) -> depayloader, codec."""


def open_rtsp(pipeline: Pipeline, camera: RtspCamera, landing: Landing) -> None:
    """Put an RTSP client into a pipeline; the first video stream lands.

    The credentials are properties of the element and part of no URL.

    Raises:
        SourceError: the credentials cannot be read.
    """
    address = address_of(camera)
    pipeline.hide(address.secrets)
    # The watchdog speaks first, and says `stalled`, where this would say `refused`.
    patience_us = round(2 * camera.stall_timeout_s * 1_000_000)
    source = make("rtspsrc", location=address.url, latency=camera.latency_ms)
    source.set_property("tcp-timeout", patience_us)
    source.set_property("timeout", patience_us)
    source.set_property("user-agent", "gleancam")
    gst().util_set_object_arg(source, "protocols", camera.transport)
    if address.user:
        source.set_property("user-id", address.user)
        source.set_property("user-pw", address.password)
    pipeline.connect(
        source, "select-stream", lambda _source, _number, caps: _is_video(caps), failed=False
    )
    pipeline.on_pad(source, lambda pad, caps: _depayload(pipeline, pad, caps, landing), _is_video)
    chain(pipeline.element, source)


def _is_video(caps: Any) -> bool:
    media = caps.get_structure(0).get_string("media") if caps.get_size() else None
    return bool(media == "video")


def _depayload(pipeline: Pipeline, pad: Any, caps: Any, landing: Landing) -> None:
    encoding = (caps.get_structure(0).get_string("encoding-name") or "").upper()
    if encoding not in _PAYLOADS:
        raise fault("unsupported", f"video encoded as {encoding or 'unknown'} is not read here")
    factory, codec = _PAYLOADS[encoding]
    depay = make(factory)
    chain(pipeline.element, depay)
    link_pad(pad, depay)
    landing.decode(depay.get_static_pad("src"), CODECS[codec])
