"""Two classes on one object: both stay, and both say so."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Mask, overlapping_pairs

SAME_OBJECT = 0.8
"""Two boxes that overlap by more show one thing."""


def conflicts(xyxy: Float64Array, class_number: IndexArray) -> Mask:
    """Say of each of `(G, 4)` boxes whether one of another class lies on it: `(G,)`."""
    found = np.zeros(len(xyxy), bool)
    if (class_number == class_number[:1]).all():
        return found
    pairs = overlapping_pairs(xyxy, np.zeros(len(xyxy), np.intp), SAME_OBJECT)
    pairs = pairs.where(class_number[pairs.first] != class_number[pairs.second])
    found[pairs.first] = found[pairs.second] = True
    return found
