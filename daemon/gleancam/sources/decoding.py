"""From an encoded stream to raw pictures: parser, keyframe filter, decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gleancam.sources.damage import count_of
from gleancam.sources.decoders import Codec, decoder_elements, parser_elements
from gleancam.sources.graph import chain, link_pad, make
from gleancam.sources.keyframes import keyframe_filter
from gleancam.sources.pipeline import Pipeline
from gleancam.sources.traffic import measure


class Landing:
    """Where a stream of pictures, encoded or raw, enters a pipeline.

    Keyframes only: everything else is dropped before the decoder, which is many times cheaper
    than decoding it. Frame threads would then hold pictures back for seconds, so there is one.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        into: Any,
        guard: Any = None,
        *,
        keyframes_only: bool = False,
        encoded: Callable[[int], None] | None = None,
    ) -> None:
        """Decode into the element `into`; what is encoded passes the element `guard` first.

        `encoded` is told the bytes of everything that arrives encoded.
        """
        self._pipeline = pipeline.element
        self._into = into
        self._guard = [] if guard is None else [guard]
        self._keyframes_only = keyframes_only
        self._encoded = encoded
        self._entered: Any = None
        # Inside from the start, so that it also tells of a stream that never comes.
        chain(self._pipeline, *self._guard)

    def decode(self, pad: Any, codec: Codec | None) -> None:
        """Take the stream of a pad; None for raw pictures.

        Raises:
            SourceError: no decoder for the codec is installed.
        """
        elements = [] if codec is None else self._elements(codec)
        elements = [*self._guard, *elements, self._into]
        if codec is not None:
            elements = [*parser_elements(codec), *elements]
            if self._encoded is not None:
                measure(pad, self._encoded)
        chain(self._pipeline, *elements)
        link_pad(pad, elements[0])

    def decoder_counts(self) -> tuple[int, int] | None:
        """Count the pictures that entered the decoder and left it; `into` must be an `identity`.

        None where the codec has pictures that are not for showing.
        """
        if self._entered is None:
            return None
        return count_of(self._entered), count_of(self._into)

    def _elements(self, codec: Codec) -> list[Any]:
        self._entered = make("identity") if codec.one_to_one else None
        counter = [] if self._entered is None else [self._entered]
        if not self._keyframes_only:
            return [*counter, *decoder_elements(codec)]
        return [keyframe_filter(), *counter, *decoder_elements(codec, max_threads=1)]
