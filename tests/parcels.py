"""Parcels made by the number, for tests of the spool and of delivery."""

from __future__ import annotations

import json
import random

from gleancam.wire.parcel import Parcel


def made_parcel(
    number: int, *, image_bytes: int = 2000, value: float = 0.5, captured_ns: int = 0
) -> Parcel:
    """The same number gives the same parcel; the image only begins like a JPEG."""
    image = b"\xff\xd8" + random.Random(number).randbytes(image_bytes)
    name = f"parcel-{number}"
    data = json.dumps({"sample_id": name}).encode()
    return Parcel(name, "sample", "front", captured_ns, data, image, value)
