"""What selectors are shown of an embedded frame: no pixels, so that a log can show it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gleancam.selectors.luma import difference, gain_matched, is_featureless
from gleancam.types import Box, EmbeddedFrame, EmbeddedPart
from gleancam_engines.planes import Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A small part of a frame, and what is known of it alone."""

    box: Box
    seen: Observation


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One embedded frame, as selectors know it.

    Attributes:
        captured_ns: UTC nanoseconds.
        mono_ns: monotonic nanoseconds: all intervals are measured on this clock.
        embedding: `(D,)` float32, L2 norm 1.
        space_id: names the embedding's space.
        featureless: the picture shows one colour; its embedding is that of noise.
        still: nothing has changed since the embedded frame before.
        regions: its small changed parts, if they were looked at.
        passed: the gate let it pass; else only the lottery brought it here.
    """

    camera_id: str
    captured_ns: int
    mono_ns: int
    embedding: Float32Array
    space_id: str
    featureless: bool = False
    still: bool = False
    regions: tuple[Region, ...] = ()
    passed: bool = True


class Observer:
    """Makes observations of one camera's embedded frames, in order.

    Args:
        still: grey levels of mean difference between thumbnails, gain matched, up to which nothing
            has changed.
    """

    def __init__(self, still: float) -> None:
        self._still = still
        self._previous: Float32Array | None = None

    def observe(
        self, embedded: EmbeddedFrame, parts: Iterable[EmbeddedPart] = (), *, passed: bool = True
    ) -> Observation:
        """Look at the next embedded frame and its parts; `passed`: not for the lottery alone."""
        frame, luma = embedded.frame, embedded.frame.thumbnail.luma
        previous, self._previous = self._previous, luma
        return Observation(
            frame.camera_id,
            frame.captured_ns,
            frame.mono_ns,
            embedded.embedding,
            embedded.space_id,
            featureless=is_featureless(luma),
            still=previous is not None and self._is_still(previous, luma),
            regions=tuple(_region(embedded, part) for part in parts),
            passed=passed,
        )

    def _is_still(self, before: Float32Array, now: Float32Array) -> bool:
        return difference(gain_matched(now, before), before) <= self._still


def _region(embedded: EmbeddedFrame, part: EmbeddedPart) -> Region:
    frame = embedded.frame
    seen = Observation(
        frame.camera_id,
        frame.captured_ns,
        frame.mono_ns,
        part.embedding,
        embedded.space_id,
        featureless=part.featureless,
    )
    return Region(part.box, seen)
