"""Names by prototypes, without training: the likeliest class, or `unknown`.

Radford et al., 2021, "Learning Transferable Visual Models From Natural Language Supervision",
section 3.1.2; with a sigmoid: Zhai et al., 2023, "Sigmoid Loss for Language Image Pre-Training".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gleancam_engines.planes import Float32Array

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class ZeroShotClassifier:
    """Classes of one embedding space, and what a frame needs to be named after one.

    A softmax always names something, and so does the nearest of whatever prototypes there are: so
    the likeliest class must have the probability `tau`, lie `margin` before the next, and have the
    cosine `tau_abs`, or the answer is `unknown`. Raising one of the three only ever turns names
    into `unknown`.

    Attributes:
        names: `C` of them, all different.
        vectors: `(C, D)` float32, L2 norm 1.
        scale: what cosines are multiplied by, above 0.
        bias: what is added then; None: a softmax, else a sigmoid for each class.
        tau: probability, 0…1.
        margin: difference of probabilities, 0…1.
        tau_abs: cosine, -1…1.
    """

    names: Sequence[str]
    vectors: Float32Array
    scale: float
    bias: float | None
    tau: float
    margin: float
    tau_abs: float

    def probabilities(self, embedding: Float32Array) -> Float32Array:
        """Give `(C,)` float32 in 0…1: with a softmax their sum is 1."""
        return self._probabilities(self.vectors @ embedding)

    def classify(self, embedding: Float32Array) -> str:
        """Name an embedding, `(D,)` float32 of norm 1."""
        cosines = self.vectors @ embedding
        probabilities = self._probabilities(cosines)
        best = int(cosines.argmax())
        likeliest = float(probabilities[best])
        next_ = float(np.delete(probabilities, best).max(initial=0.0))
        known = likeliest >= self.tau and likeliest - next_ >= self.margin
        return self.names[best] if known and cosines[best] >= self.tau_abs else UNKNOWN

    def _probabilities(self, cosines: Float32Array) -> Float32Array:
        logits = self.scale * cosines.astype(np.float64)
        if self.bias is not None:
            # The same as 1 / (1 + exp(-x)), which overflows.
            return np.asarray((1 + np.tanh((logits + self.bias) / 2)) / 2, np.float32)
        powers = np.exp(logits - logits.max())
        return np.asarray(powers / powers.sum(), np.float32)
