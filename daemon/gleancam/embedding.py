"""Frames and their parts to embeddings, all in the same batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gleancam.batching import Batches, Embedding
from gleancam.crop import crop
from gleancam.selectors.luma import FEATURELESS_DEVIATION
from gleancam.types import Box, EmbeddedPart, Frame
from gleancam_engines.planes import Planes

Cut: TypeAlias = tuple[Frame, Sequence[Box]]
"""A frame, and the parts of it that are embedded besides."""


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """What is known of one frame; `whole` says why when it could not be embedded."""

    whole: Embedding
    parts: tuple[EmbeddedPart, ...]


def embed_frames(cuts: Sequence[Cut], batches: Batches) -> dict[str, Embeddings]:
    """Embed frames and their parts, at most one frame a camera.

    Returns:
        One entry for each camera. A part that cannot be embedded is left out.
    """
    pictures = [_pictures(*cut) for cut in cuts]
    rows = iter(batches.rows([planes for each in pictures for planes in each]))
    return {
        frame.camera_id: Embeddings(next(rows), _parts(boxes, each[1:], rows))
        for (frame, boxes), each in zip(cuts, pictures, strict=True)
    }


def _pictures(frame: Frame, boxes: Sequence[Box]) -> list[Planes]:
    return [frame.planes, *(crop(frame.planes, box) for box in boxes)]


def _parts(
    boxes: Sequence[Box], pictures: Sequence[Planes], rows: Iterator[Embedding]
) -> tuple[EmbeddedPart, ...]:
    found = [(box, picture, next(rows)) for box, picture in zip(boxes, pictures, strict=True)]
    return tuple(
        EmbeddedPart(box, row, featureless=bool(picture.y.std() < FEATURELESS_DEVIATION))
        for box, picture, row in found
        if not isinstance(row, str)
    )
