"""Which demuxer opens which kind of file: a closed list, as for decoders.

A bare stream without a container is not in it: it has no times.
"""

from __future__ import annotations

from typing import Any

from gleancam.errors import SourceError
from gleancam.sources.graph import caps_name, make

DEMUXERS = {
    "video/quicktime": "qtdemux",
    "video/x-3gp": "qtdemux",
    "application/x-3gp": "qtdemux",
    "audio/x-m4a": "qtdemux",
    "video/x-matroska": "matroskademux",
    "video/webm": "matroskademux",
    "video/x-msvideo": "avidemux",
    "video/mpegts": "tsdemux",
    "video/x-flv": "flvdemux",
}


def demuxer(caps: Any) -> Any:
    """Make the demuxer of a file type.

    Raises:
        SourceError: the type is not in the table.
    """
    factory = DEMUXERS.get(caps_name(caps))
    if factory is None:
        raise SourceError(
            "unsupported",
            f"a file of type {caps_name(caps) or 'unknown'} is not a video that is read here",
            cure="use MP4, MOV, Matroska, WebM, AVI, MPEG-TS or FLV",
            transient=False,
        )
    return make(factory)
