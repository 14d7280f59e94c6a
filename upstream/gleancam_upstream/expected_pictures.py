"""Which pictures may still come, and what their manifests say of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from msgspec.structs import replace

from gleancam.wire.address import Address
from gleancam.wire.sample_data import ImageData

MOST = 10_000
"""Manifests remembered in memory; a storage that knows its own needs none of them."""


class Manifests(Protocol):
    """A storage that can say what the manifest of a sample in it says of its picture."""

    def image_of(self, address: Address) -> ImageData | None:
        """Return what the manifest says, of the sample of an image topic; None: it is not here."""


class ExpectedPictures:
    """Pictures that were held when their manifests came: in memory the latest, and in a storage."""

    def __init__(self, storage: Manifests | None = None, most: int = MOST) -> None:
        self._storage, self._most = storage, most
        self._latest: OrderedDict[str, ImageData] = OrderedDict()

    def note(self, address: Address, sample_id: str, image: ImageData) -> None:
        """Remember a manifest that came; the oldest is forgotten when there are too many."""
        # Redactions may be long, and are in the manifest; without them, all have about one size.
        self._latest[_topic(address, sample_id)] = replace(image, redactions=())
        if len(self._latest) > self._most:
            self._latest.popitem(last=False)

    def of(self, address: Address) -> ImageData | None:
        """Return what is expected on an image topic; None: nothing, as far as is known."""
        found = self._latest.get(_topic(address, address.sample_id))
        if found is None and self._storage is not None:
            found = self._storage.image_of(address)
        return found if found is not None and found.delivery == "held" else None


def _topic(address: Address, sample_id: str) -> str:
    return address.topics.image(address.camera_id, sample_id)
