"""Embedders: the cosine of each picture's embedding with the reference's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gleancam_engines.embedder import Embedder
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.precision import Precision
from gleancam_engines.receipt import Result
from gleancam_engines.verifying.check import Check
from gleancam_engines.verifying.cosines import cosines
from gleancam_engines.verifying.enough import require_varied

BARS: Mapping[Precision, float] = {"fp32": 0.9999, "fp16": 0.999, "bf16": 0.999, "int8": 0.99}
PART = 0.25
"""An embedding may be off by no more than this part of what lies between two pictures on average.

It raises the bar where pictures are alike, as those of one quiet camera may be.
"""


class EmbeddingCheck(Check):
    """The embeddings of a reference.

    Args:
        reference: the model; stays open.
        manifest: of the model.
        frames: the pictures, of any size.
        shown: called whenever a picture has been embedded.
    """

    def __init__(
        self,
        reference: Pictures,
        manifest: Manifest,
        frames: Sequence[Planes],
        shown: Callable[[], None],
    ) -> None:
        self._manifest, self._frames, self._shown = manifest, frames, shown
        self._expected = self._embed(reference, 1)

    def hold(self, subject: Pictures, precision: Precision, batches: Sequence[int]) -> Result:
        """Return the least cosine of any picture at any size of batch; see `Check`."""
        bar = max(BARS[precision], 1 - PART * require_varied(self._expected))
        rows = [cosines(self._expected, self._embed(subject, batch)) for batch in batches]
        return Result(
            measure="cosine",
            value=float(np.min(rows)),
            mean=float(min(np.mean(row) for row in rows)),
            bar=bar,
        )

    def closeness(self, subject: Pictures) -> float:
        """Return the mean cosine."""
        return float(cosines(self._expected, self._embed(subject, 1)).mean())

    def _embed(self, pictures: Pictures, batch: int) -> Float32Array:
        embedder = Embedder(pictures, self._manifest)
        parts = []
        for at in range(0, len(self._frames), batch):
            parts.append(embedder.embed(self._frames[at : at + batch]))
            self._shown()
        return np.concatenate(parts)
