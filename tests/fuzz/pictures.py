"""JPEGs with something wrong, and the claims of a manifest about them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec
from hypothesis import strategies as st

from fuzz.seeds import PARCEL
from gleancam.wire.sample import sample_data
from gleancam.wire.sample_data import ImageData

JPEG = PARCEL.image or b""
CLAIM = sample_data(PARCEL.data).image
_MARKERS = tuple(bytes([0xFF, code]) for code in (0xC0, 0xC2, 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xE1))


@dataclass(frozen=True)
class Claimed:
    jpeg: bytes
    claim: ImageData


def _spoil(cuts: list[tuple[int, int, bytes]]) -> bytes:
    jpeg = JPEG
    for start, length, instead in cuts:
        begin = start % (len(jpeg) + 1)
        jpeg = jpeg[:begin] + instead + jpeg[begin + length :]
    return jpeg


def _claim(jpeg: bytes, width: int, height: int) -> Claimed:
    """The hash always fits, as a hostile device's would."""
    digest = hashlib.sha256(jpeg).hexdigest()
    claim = msgspec.structs.replace(
        CLAIM, sha256=digest, bytes=max(1, len(jpeg)), width=width, height=height
    )
    return Claimed(jpeg, claim)


# Mostly in the headers, which is what is read.
_cuts = st.lists(
    st.tuples(
        st.integers(0, 700) | st.integers(0, 2**16),
        st.integers(0, 40) | st.integers(0, 2**13),
        st.binary(max_size=12) | st.sampled_from(_MARKERS),
    ),
    max_size=4,
)
_sizes = st.sampled_from((1, CLAIM.width, CLAIM.height, 65_535))
jpegs = st.builds(_claim, _cuts.map(_spoil) | st.binary(max_size=200), _sizes, _sizes)
