"""What single values of the configuration may be, and what every table of it has in common."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}\Z")]
Seconds = Annotated[float, Meta(gt=0)]
Bytes = Annotated[int, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
CosineDistance = Annotated[float, Meta(gt=0, le=2)]
CosineSimilarity = Annotated[float, Meta(gt=0, le=1)]
Names = Annotated[tuple[str, ...], Meta(min_length=1)]
Budget = Annotated[
    str,
    Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,6})?( ?(kB|MB|GB))?/(hour|day)\Z"),
]
DailyBytes = Annotated[
    str, Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,6})? ?(kB|MB|GB)/day\Z")
]
ByteRate = Annotated[
    str, Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,6})? ?(kB|MB|GB)/s\Z")
]
DrawRate = Annotated[str, Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,6}(\.[0-9]{1,6})?/(hour|day)\Z")]
Quota = Annotated[str, Meta(pattern=r"^([1-9][0-9]{0,2}|1000)/(minute|hour|day)\Z")]
Hours = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]\Z")
]
Port = Annotated[int, Meta(ge=1, le=65535)]
Point = tuple[Share, Share]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; unknown keys are errors. msgspec wants `kw_only` on every subclass."""
