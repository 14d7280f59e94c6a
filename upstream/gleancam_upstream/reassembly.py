"""Images and manifests find each other, in whichever order they come, in bounded memory."""

from __future__ import annotations

from typing import Generic, TypeVar

from gleancam_upstream.oldest_go import OldestGo

IMAGES_BYTES = 64 * 1024 * 1024
MANIFESTS_BYTES = 8 * 1024 * 1024
"""Of JSON: what is read from it takes about ten times as much. A usual one has 5 to 20 KB."""

M = TypeVar("M")


class Reassembly(Generic[M]):
    """Holds what waits for its other half; over the limit the oldest goes.

    Nothing is lost by that: what is not acknowledged, the device sends again.
    """

    def __init__(
        self, images_bytes: int = IMAGES_BYTES, manifests_bytes: int = MANIFESTS_BYTES
    ) -> None:
        self._images: OldestGo[bytes] = OldestGo(images_bytes)
        self._manifests: OldestGo[M] = OldestGo(manifests_bytes)

    @property
    def dropped(self) -> int:
        """How many halves were given up."""
        return self._images.dropped + self._manifests.dropped

    @property
    def waiting(self) -> tuple[int, int]:
        """How many images and how many manifests wait."""
        return len(self._images), len(self._manifests)

    def image(self, key: str, jpeg: bytes) -> tuple[M, bytes] | None:
        """Take an image; return the pair when its manifest is here. The newest image counts."""
        manifest = self._manifests.take(key)
        if manifest is not None:
            return manifest, jpeg
        self._images.put(key, jpeg, len(jpeg))
        return None

    def image_alone(self, key: str) -> bytes | None:
        """Take out an image whose manifest is elsewhere; None when there is none."""
        return self._images.take(key)

    def manifest(self, key: str, manifest: M, size_bytes: int) -> tuple[M, bytes] | None:
        """Take a manifest of so many bytes of JSON; return the pair when its image is here."""
        jpeg = self._images.take(key)
        if jpeg is not None:
            return manifest, jpeg
        self._manifests.put(key, manifest, size_bytes)
        return None

    def forget(self, key: str) -> None:
        """Drop both halves: the sample was answered."""
        self._images.take(key)
        self._manifests.take(key)
