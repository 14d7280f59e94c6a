"""What frames are compared with that was made elsewhere: tags and classes, already read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from gleancam.selectors.zero_shot import ZeroShotClassifier
from gleancam_engines.planes import Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Prototypes by what they are for, all in one embedding space.

    Attributes:
        tags: `(C, D)` float32 rows of norm 1 for every tag of `[[selection.near]]`.
        classes: what names scenes and kept frames; None: nothing does.
    """

    tags: Mapping[str, Float32Array]
    classes: ZeroShotClassifier | None = None

    @property
    def digest(self) -> str:
        """Hexadecimal digits that differ where any prototype does."""
        found = hashlib.sha256()
        for tag, vectors in self.tags.items():
            found.update(f"{tag} {vectors.shape} ".encode() + vectors.tobytes())
        if self.classes is not None:
            found.update(repr((self.classes.names, self.classes.scale, self.classes.bias)).encode())
            found.update(self.classes.vectors.tobytes())
        return found.hexdigest()


NOTHING = References({})
"""Where no prototypes are configured."""
