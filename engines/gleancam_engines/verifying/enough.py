"""Whether pictures are enough to tell a good model from a bad one by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gleancam_engines.errors import PictureError
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.verifying.cosines import spread

LEAST_PICTURES = 16
LEAST_BOXES = 20
"""Of the reference, over all pictures: one box is then no more than a twentieth."""
LEAST_SPREAD = 1e-6
"""Mean cosine distance of the pictures: below it they are one picture in the eyes of float32."""

_MORE = "give more, and more varied, with --images DIR"


def digest(pictures: Sequence[Planes]) -> str:
    """Return the sha256 of all planes with their sizes, in order."""
    hashed = hashlib.sha256()
    for one in pictures:
        for plane in (one.y, one.u, one.v):
            hashed.update(repr(plane.shape).encode())
            hashed.update(plane.tobytes())
        hashed.update(repr(one.colorimetry).encode())
    return hashed.hexdigest()


def require_enough(pictures: Sequence[Planes]) -> None:
    """Refuse too few pictures.

    Raises:
        PictureError: there are fewer than `LEAST_PICTURES`.
    """
    if len(pictures) < LEAST_PICTURES:
        raise PictureError(
            f"{len(pictures)} pictures are too few to verify a model on, at least "
            f"{LEAST_PICTURES} are needed; {_MORE}"
        )


def require_varied(embeddings: Float32Array) -> float:
    """Return the mean cosine distance between the pictures, of `(N, D)` rows of L2 norm 1.

    Raises:
        PictureError: a model sees all of them as one: any model would agree on them.
    """
    have = spread(embeddings)
    if have < LEAST_SPREAD:
        raise PictureError(
            f"the {len(embeddings)} pictures look alike to the model (mean cosine distance "
            f"{have:.1g}), so that nothing can be told by them; {_MORE}"
        )
    return have


def require_boxes(count: int, pictures: int) -> None:
    """Refuse pictures in which the reference finds hardly anything.

    Raises:
        PictureError: it found fewer than `LEAST_BOXES`.
    """
    if count < LEAST_BOXES:
        raise PictureError(
            f"the model finds {count} objects in all {pictures} pictures, and at least "
            f"{LEAST_BOXES} are needed to tell anything; give pictures of what it detects with "
            "--images DIR"
        )
