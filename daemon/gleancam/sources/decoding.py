"""From an encoded stream to raw pictures: parser, keyframe filter, decoder."""

from __future__ import annotations

from typing import Any

from gleancam.sources.decoders import Codec, decoder_elements, parser_elements
from gleancam.sources.graph import chain, link_pad
from gleancam.sources.keyframes import keyframe_filter
from gleancam.sources.pipeline import Pipeline


class Landing:
    """Where a stream of pictures, encoded or raw, enters a pipeline.

    Keyframes only: everything else is dropped before the decoder, which is many times cheaper
    than decoding it. Frame threads would then hold pictures back for seconds, so there is one.
    """

    def __init__(
        self, pipeline: Pipeline, into: Any, guard: Any = None, *, keyframes_only: bool = False
    ) -> None:
        """Decode into the element `into`; what is encoded passes the element `guard` first."""
        self._pipeline = pipeline.element
        self._into = into
        self._guard = [] if guard is None else [guard]
        self._keyframes_only = keyframes_only

    def decode(self, pad: Any, codec: Codec | None) -> None:
        """Take the stream of a pad; None for raw pictures.

        Raises:
            SourceError: no decoder for the codec is installed.
        """
        elements = [] if codec is None else self._elements(codec)
        elements = [*self._guard, *elements, self._into]
        if codec is not None:
            elements = [*parser_elements(codec), *elements]
        chain(self._pipeline, *elements)
        link_pad(pad, elements[0])

    def _elements(self, codec: Codec) -> list[Any]:
        if not self._keyframes_only:
            return decoder_elements(codec)
        return [keyframe_filter(), *decoder_elements(codec, max_threads=1)]
