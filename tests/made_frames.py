"""Frames, thumbnails and embeddings made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import numpy as np

from gleancam.selectors.observation import Observation
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam.types import EmbeddedFrame, Frame, Thumbnail
from gleancam_engines.planes import Colorimetry, Float32Array, Matrix, Planes, Range

COLORIMETRY = Colorimetry(Matrix.BT601, Range.LIMITED)
SECOND_NS = 1_000_000_000


def unit(*values: float) -> Float32Array:
    """Scale to norm 1."""
    vector = np.array(values, np.float32)
    scaled: Float32Array = vector / np.float32(np.linalg.norm(vector))
    return scaled


def apart(distance: float, dimension: int = 8) -> Float32Array:
    """A unit vector at this cosine distance from `apart(0)`."""
    vector = np.zeros(dimension, np.float32)
    vector[0] = 1 - distance
    vector[1] = np.sqrt(max(0.0, 1 - (1 - distance) ** 2))
    return vector


def picture(seed: int) -> Float32Array:
    """A textured thumbnail, in 40…200, like no other seed's."""
    rows, columns = THUMBNAIL_SHAPE
    coarse = np.random.default_rng(seed).uniform(40, 200, (rows // 4, columns // 4))
    return np.kron(coarse, np.ones((4, 4))).astype(np.float32)


def thumbnail(luma: Float32Array, at_ns: int, camera_id: str = "gate") -> Thumbnail:
    """A thumbnail at a time on both clocks."""
    return Thumbnail(camera_id, at_ns, at_ns, luma.astype(np.float32))


def frame(luma: Float32Array, at_ns: int, camera_id: str = "gate", seq: int = 0) -> Frame:
    """A frame whose Y plane is twice the thumbnail, so that its thumbnail is `luma`, rounded."""
    y = np.kron(np.round(luma), np.ones((2, 2))).astype(np.uint8)
    chroma = np.full(luma.shape, 128, np.uint8)
    planes = Planes(y, chroma, chroma.copy(), COLORIMETRY).read_only()
    return Frame(camera_id, seq, at_ns, at_ns, planes)


def embedded(
    embedding: Float32Array, at_s: float = 0.0, luma: Float32Array | None = None
) -> EmbeddedFrame:
    """An embedded frame of a textured picture."""
    shown = picture(0) if luma is None else luma
    return EmbeddedFrame(frame(shown, round(at_s * SECOND_NS)), embedding, "space")


def observed(
    embedding: Float32Array, at_s: float = 0.0, *, featureless: bool = False, still: bool = True
) -> Observation:
    """What selectors are shown of a frame."""
    at_ns = round(at_s * SECOND_NS)
    return Observation("gate", at_ns, at_ns, embedding, "space", featureless, still)


def ids() -> Callable[[], str]:
    """Give `id-0`, `id-1` and so on."""
    numbers = count()
    return lambda: f"id-{next(numbers)}"


def at_rate(lumas: Sequence[Float32Array], fps: float) -> Iterator[tuple[int, Float32Array]]:
    """Pair thumbnails with their times."""
    for index, luma in enumerate(lumas):
        yield round(index / fps * SECOND_NS), luma
