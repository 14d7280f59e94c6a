"""From an encoded stream to raw pictures: parser, keyframe filter, decoder."""

from __future__ import annotations

from typing import Any

from gleancam.sources.decoders import RAW, codec_of, decoder_elements, parser_elements
from gleancam.sources.graph import caps_name, chain, link_pad, make


def decode(pipeline: Any, pad: Any, caps: Any, into: Any, *, keyframes_only: bool = False) -> None:
    """Decode the stream of `pad` into an element; raw pictures go straight there.

    Keyframes only: everything else is dropped before the decoder, which is many times cheaper
    than decoding it. Frame threads would then hold pictures back for seconds, so there is one.

    Raises:
        SourceError: the codec is not supported.
    """
    if caps_name(caps) == RAW:
        link_pad(pad, into)
        return
    codec = codec_of(caps)
    keep = [make("identity", drop_buffer_flags=_delta_unit())] if keyframes_only else []
    decoder = decoder_elements(codec, max_threads=1 if keyframes_only else 0)
    elements = [*parser_elements(codec), *keep, *decoder]
    chain(pipeline, *elements, into)
    link_pad(pad, elements[0])


def _delta_unit() -> Any:
    from gleancam.sources._gst import gst

    return gst().BufferFlags.DELTA_UNIT
