"""A parcel whose image is too large becomes one with a smaller image."""

from __future__ import annotations

from gleancam import jpeg
from gleancam.wire.error import WireError
from gleancam.wire.image import EncodedImage
from gleancam.wire.parcel import Parcel
from gleancam.wire.sample import sample_data, with_image


def refitted(parcel: Parcel, limit_bytes: int) -> Parcel | None:
    """Return the parcel with an image of at most `limit_bytes`; None when that cannot be.

    The new size and quality are recorded in the manifest. A parcel that cannot be read at all
    cannot be made smaller either.
    """
    if parcel.image is None:
        return None
    try:
        block = sample_data(parcel.data).image
        image = EncodedImage(parcel.image, block.width, block.height, block.quality)
        smaller = jpeg.refit(image, limit_bytes)
        return None if smaller is None else with_image(parcel, smaller)
    except (WireError, ValueError):
        return None
