"""Detectors: the share of boxes that both have, alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.detectors.loading import decoder
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from gleancam_engines.receipt import Result
from gleancam_engines.verifying.boxes import LOWEST, agreement, closeness, counted
from gleancam_engines.verifying.check import Check
from gleancam_engines.verifying.enough import require_boxes

BARS: Mapping[Precision, float] = {"fp32": 0.99, "fp16": 0.99, "bf16": 0.99, "int8": 0.9}


class BoxCheck(Check):
    """The boxes of a reference; its arguments are those of `EmbeddingCheck`."""

    def __init__(
        self,
        reference: Pictures,
        manifest: Manifest,
        frames: Sequence[Planes],
        shown: Callable[[], None],
    ) -> None:
        self._manifest, self._frames, self._shown = manifest, frames, shown
        self._expected = self._detect(reference)

    def hold(self, subject: Pictures, precision: Precision, batches: Sequence[int]) -> Result:
        """Return the share of boxes that both have; detectors take one picture at a time."""
        del batches
        require_boxes(sum(counted(one) for one in self._expected), len(self._frames))
        found = zip(self._expected, self._detect(subject), strict=True)
        shares = [agreement(one, other) for one, other in found]
        total = sum(shares[1:], start=shares[0])
        return Result(
            measure="boxes",
            value=total.share,
            mean=float(np.mean([one.share for one in shares])),
            bar=BARS[precision],
        )

    def closeness(self, subject: Pictures) -> float:
        """Return how near boxes and scores come on average."""
        found = zip(self._expected, self._detect(subject), strict=True)
        return float(np.mean([closeness(one, other) for one, other in found]))

    def _detect(self, pictures: Pictures) -> list[Detections]:
        detector = decoder(self._manifest)(pictures, self._manifest, LOWEST)
        found = []
        for frame in self._frames:
            found.append(detector.detect(frame))
            self._shown()
        return found
