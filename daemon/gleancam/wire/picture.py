"""The name of a picture that is held: what is delivered, and acknowledged, apart from its manifest.

It is another name than the sample's, so that nothing that is said of the manifest, however late or
often, is ever taken to be said of the picture.
"""

from __future__ import annotations

from gleancam.wire.topics import checked_id

SUFFIX = "-image"


def picture_id(sample_id: str) -> str:
    """Return by which id the held picture of a sample is acknowledged.

    Raises:
        WireError: the sample's id is none, or too long to have one.
    """
    return checked_id(f"{checked_id(sample_id)}{SUFFIX}", "picture id")


def sample_of(parcel_id: str) -> str:
    """Return the id of the sample to which a parcel, whatever it is, belongs."""
    return parcel_id.removesuffix(SUFFIX)
