"""Whether two thumbnails show two places, or one in another light or after a knock."""

from __future__ import annotations

from gleancam.selectors.displacement import is_displaced
from gleancam.selectors.luma import changed_share, correlation
from gleancam.selectors.pooled import pooled
from gleancam.selectors.relit import is_relit
from gleancam_engines.planes import Float32Array

SAME_STRUCTURE = 0.5
"""Correlation of two pictures above which they show the same place in another light."""
CHANGED = 0.5
"""Share of cells that must change: whatever passes before a camera leaves more than that."""
SURELY_ANOTHER = 0.5
"""Cosine distance of embeddings that no knock reaches while the view is one displaced."""


def differ(before: Float32Array, after: Float32Array) -> bool:
    """Whether light and passers-by cannot explain the difference.

    Args:
        before: luma in 0…255, of any shape.
        after: the same of the other picture.
    """
    return correlation(before, after) <= SAME_STRUCTURE and changed_share(before, after) >= CHANGED


def is_another_place(before: Float32Array, after: Float32Array, distance: float) -> bool:
    """Whether neither light nor a knock explains the difference.

    Args:
        before: `THUMBNAIL_SHAPE`, luma in 0…255.
        after: the same of the other picture.
        distance: cosine distance of their embeddings. Where that is certain, no displacement is
            searched for, which costs a hundred times as much as all else.
    """
    if not differ(before, after):
        return False
    if distance >= SURELY_ANOTHER:
        return True
    return not is_relit(pooled(before), pooled(after)) and not is_displaced(before, after)
