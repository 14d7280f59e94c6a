"""In what steps activations are rounded: seen on pictures, chosen for the least squared error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Tensors
from gleancam_engines.pictures import NOTHING, Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.quantising.product import STEPS

BINS = 2048
_SHARES = np.linspace(1 / 64, 1, 127)
"""Of the largest value: where values may be cut off."""


class Watched(Pictures):
    """A model whose results are shown to `watch`."""

    def __init__(self, pictures: Pictures, watch: Callable[[Tensors], None]) -> None:
        self._pictures, self._watch = pictures, watch
        self.engine = pictures.engine

    def infer(
        self, frames: Sequence[Planes], more: Tensors = NOTHING
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model; see `Pictures`."""
        results = self._pictures.infer(frames, more)
        self._watch(results)
        return results


class Peaks:
    """The largest magnitude of each tensor that was seen."""

    def __init__(self, names: Sequence[str]) -> None:
        self.by_name = dict.fromkeys(names, 0.0)

    def watch(self, results: Tensors) -> None:
        """Take in one call's results."""
        for name, peak in self.by_name.items():
            self.by_name[name] = max(peak, float(np.abs(results[name]).max(initial=0)))


class Histograms:
    """How often each magnitude was seen, in `BINS` equal steps up to the peak."""

    def __init__(self, peaks: Mapping[str, float]) -> None:
        self._peaks = peaks
        self._counts = {name: np.zeros(BINS, np.int64) for name in peaks}

    def watch(self, results: Tensors) -> None:
        """Take in one call's results."""
        for name, peak in self._peaks.items():
            seen, _ = np.histogram(np.abs(results[name]), BINS, (0, peak or 1))
            self._counts[name] += seen

    def scales(self) -> dict[str, float]:
        """Return by tensor what one step of int8 stands for."""
        return {name: _scale(counts, self._peaks[name]) for name, counts in self._counts.items()}


def _scale(counts: npt.NDArray[np.int64], peak: float) -> float:
    """Return the step with the least squared error; cutting off a few may make all finer."""
    if peak == 0:
        return 1.0
    values = (np.arange(BINS) + 0.5) * (peak / BINS)
    steps = (peak / STEPS) * _SHARES[:, np.newaxis]
    rounded = np.minimum(np.rint(values / steps), STEPS) * steps
    errors = np.square(values - rounded) @ counts
    return float(steps[errors.argmin(), 0])
