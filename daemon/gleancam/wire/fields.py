"""The field types that the payloads share, with their JSON Schema constraints."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

IDENTIFIER = "[a-z0-9-]{1,64}"
"""What an id looks like: safe as a topic level and as a file name."""

END = r"$(?!\n)"
"""The end of a string: Python's `$` also matches before a final newline. Not in the schemas."""

Identifier = Annotated[
    str, Meta(pattern=f"^{IDENTIFIER}{END}", description="Safe as topic level and file name.")
]
Time = Annotated[
    str,
    Meta(
        pattern=rf"^\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}\.\d{{9}}Z{END}",
        extra_json_schema={"format": "date-time"},
        description="RFC 3339, UTC, always nine decimals (nanoseconds) and Z.",
    ),
]
Share = Annotated[float, Meta(ge=0, le=1, description="0 to 1.")]
Count = Annotated[int, Meta(ge=0)]
Pixels = Annotated[int, Meta(ge=1, le=65535, description="Pixels.")]
Sha256 = Annotated[str, Meta(pattern=f"^[0-9a-f]{{64}}{END}", description="Lower-case hex.")]
Text = Annotated[str, Meta(max_length=200)]
Box = Annotated[
    tuple[Share, Share, Share, Share],
    Meta(
        description="Corners (x1, y1, x2, y2) as shares of the frame's width and height, "
        "rounded to 1e-4."
    ),
]
Polygon = Annotated[
    tuple[tuple[Share, Share], ...],
    Meta(min_length=3, description="Corners (x, y) as shares of the frame's width and height."),
]


class Payload(Struct, frozen=True, kw_only=True):
    """A JSON object of the contract. Unknown fields are allowed, and ignored by readers."""
