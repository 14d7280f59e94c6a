"""fp32 ONNX to int8 that still agrees: what int8 harms most stays in fp32, found by trying.

Each product is rounded alone, and the model run on pictures: that gives an order from the most to
the least harmed. Then the fewest of the first are left out with which all the others together still
agree with the fp32 model. No name of a model or a layer decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from gleancam_engines.errors import ModelFileError, TensorError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.loading import open_candidate
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.quantising.product import Product
from gleancam_engines.quantising.products import Products
from gleancam_engines.quantising.ranges import Histograms, Peaks, Watched
from gleancam_engines.verifying.making import make_check

MADE_BY = "gleancam int8 1"
"""Told in records of variants; raised when other products or scales would be chosen."""
RANKING = 8
"""Pictures on which each product is tried alone."""
MARGIN = 0.3
"""Of the tolerated error this share is left for pictures that were not tried."""
THREADS = 2


@dataclass(frozen=True, slots=True)
class Quantised:
    """A model in int8.

    Attributes:
        content: the ONNX file.
        products: how many matrix products the model has.
        rounded: how many of them are in int8.
    """

    content: bytes
    products: int
    rounded: int


def to_int8(
    model: bytes, manifest: Manifest, pictures: Sequence[Planes], tell: Progress = silent
) -> Quantised:
    """Return a model with as many of its products in int8 as agree with its fp32 self.

    Activations and weights are rounded symmetrically with zero point 0, weights by output channel.

    Args:
        model: the fp32 ONNX file.
        manifest: of the model.
        pictures: of the site: every second one sets the scales, the others choose the products.
        tell: told of every product that was tried.

    Raises:
        BackendUnavailableError: onnx or onnxruntime is not installed.
        ModelFileError: it is no ONNX model, or no product of it can be in int8.
        PictureError: the pictures are too alike, or hold too little, to choose by.
    """
    search = _Search(model, manifest, pictures, tell)
    order = search.order()
    return search.most(order)


class _Search:
    def __init__(
        self, model: bytes, manifest: Manifest, pictures: Sequence[Planes], tell: Progress
    ) -> None:
        self._products, self._manifest, self._tell = Products(model), manifest, tell
        if not self._products.all:
            raise ModelFileError(
                f"{manifest.name} has no product with constant weights; run it in fp32"
            )
        self._scales = self._calibrate(pictures[::2])
        tried = pictures[1::2]
        spread = tried[:: max(1, len(tried) // RANKING)][:RANKING]
        with closing(self._open(model)) as reference:
            self._quick = make_check(reference, manifest, spread)
            self._full = make_check(reference, manifest, tried)

    def order(self) -> list[Product]:
        """Return all products, the one that int8 harms most first."""
        ranked: list[tuple[float, Product]] = []
        for product in self._products.all:
            ranked.append((self._closeness(product), product))
            self._tell(f"{self._manifest.name}: int8", len(ranked), len(self._products.all))
        return [product for _, product in sorted(ranked, key=lambda pair: pair[0])]

    def most(self, order: Sequence[Product]) -> Quantised:
        """Return the model with the most products in int8 that still agrees, by bisection."""
        least, enough = 0, len(order)  # how many stay in fp32
        while least < enough:
            middle = (least + enough) // 2
            if self._agrees(order[middle:]):
                enough = middle
            else:
                least = middle + 1
        if enough == len(order):
            raise ModelFileError(
                f"{self._manifest.name} does not agree with itself with any product in int8; "
                "run it in fp16 or fp32"
            )
        content = self._products.quantised(order[enough:], self._scales)
        return Quantised(content, len(order), len(order) - enough)

    def _closeness(self, product: Product) -> float:
        with closing(self._candidate([product])) as candidate:
            try:
                return self._quick.closeness(candidate)
            except TensorError:  # ruined: an embedding of zeros, say
                return -math.inf

    def _agrees(self, products: Sequence[Product]) -> bool:
        with closing(self._candidate(products)) as candidate:
            try:
                result = self._full.hold(candidate, "int8", (1,))
            except TensorError:  # as above
                return False
        return result.value >= 1 - (1 - result.bar) * (1 - MARGIN)

    def _calibrate(self, pictures: Sequence[Planes]) -> Mapping[str, float]:
        content, taps = self._products.tapped()
        peaks = Peaks(list(taps.values()))
        with closing(self._open(content)) as model:
            make_check(Watched(model, peaks.watch), self._manifest, pictures)
            seen = Histograms(peaks.by_name)
            make_check(Watched(model, seen.watch), self._manifest, pictures)
        scales = seen.scales()
        return {activation: scales[tap] for activation, tap in taps.items()}

    def _candidate(self, products: Sequence[Product]) -> Pictures:
        return self._open(self._products.quantised(products, self._scales))

    def _open(self, content: bytes) -> Pictures:
        return open_candidate(content, self._manifest, threads=THREADS)
