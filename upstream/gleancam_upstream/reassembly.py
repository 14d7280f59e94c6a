"""Images and manifests find each other, in whichever order they come, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

IMAGES_BYTES = 64 * 1024 * 1024
MANIFESTS = 1000
OVERHEAD_BYTES = 512
"""Counted for every image besides its length, so that tiny ones are bounded too."""

M = TypeVar("M")


class Reassembly(Generic[M]):
    """Holds what waits for its other half; over the limit the oldest goes.

    Nothing is lost by that: what is not acknowledged, the device sends again.
    """

    def __init__(self, images_bytes: int = IMAGES_BYTES, manifests: int = MANIFESTS) -> None:
        self._images: OrderedDict[str, bytes] = OrderedDict()
        self._manifests: OrderedDict[str, M] = OrderedDict()
        self._limits = (images_bytes, manifests)
        self._bytes = 0
        self.dropped = 0

    def image(self, key: str, jpeg: bytes) -> tuple[M, bytes] | None:
        """Take an image; return the pair when its manifest is here. The newest image counts."""
        if key in self._manifests:
            return self._manifests.pop(key), jpeg
        self._take_image(key)
        self._images[key] = jpeg
        self._bytes += len(jpeg) + OVERHEAD_BYTES
        while self._bytes > self._limits[0]:
            self._take_image(next(iter(self._images)))
            self.dropped += 1
        return None

    def manifest(self, key: str, manifest: M) -> tuple[M, bytes] | None:
        """Take a manifest; return the pair when its image is here."""
        jpeg = self._take_image(key)
        if jpeg is not None:
            return manifest, jpeg
        self._manifests[key] = manifest
        self._manifests.move_to_end(key)
        if len(self._manifests) > self._limits[1]:
            self._manifests.popitem(last=False)
            self.dropped += 1
        return None

    def forget(self, key: str) -> None:
        """Drop both halves: the sample was answered."""
        self._take_image(key)
        self._manifests.pop(key, None)

    @property
    def waiting(self) -> tuple[int, int]:
        """How many images and how many manifests wait."""
        return len(self._images), len(self._manifests)

    def _take_image(self, key: str) -> bytes | None:
        jpeg = self._images.pop(key, None)
        if jpeg is not None:
            self._bytes -= len(jpeg) + OVERHEAD_BYTES
        return jpeg
