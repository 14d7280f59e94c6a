"""Parts to test on what was not learnt from; neighbouring images lie in one part."""

from __future__ import annotations

import numpy as np

from gleancam_upstream.calibrating.judged import IndexArray, Judged

FOLDS = 5


def folds(judged: Judged, most: int = FOLDS) -> IndexArray:
    """Return `(N,)` numbers from 0 of the part that each label is tested in.

    Whole scenes, where there are as many as parts; else runs of images by time, since a camera
    that looks at one scene all day still has labels worth calibrating. Fewer images: fewer parts.
    """
    scenes = _numbered(judged.scene)
    if len(scenes) and scenes.max() + 1 >= most:
        return np.asarray(scenes % most, np.intp)
    images = _numbered(judged.image)
    count = int(images.max(initial=-1)) + 1
    return np.asarray(images * min(most, count) // max(count, 1), np.intp)


def _numbered(names: IndexArray) -> IndexArray:
    return np.asarray(np.unique(names, return_inverse=True)[1], np.intp)
