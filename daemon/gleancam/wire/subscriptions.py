"""What a consumer subscribes to."""

from __future__ import annotations

from gleancam.wire.topics import VERSION, checked_id


def consumer_filters(
    prefix: str, site: str, device: str = "+", camera: str = "+"
) -> tuple[str, ...]:
    """Return the topic filters of all a site's devices and cameras, or of one; `+` is all.

    Raises:
        WireError: a part is no id.
    """
    checked_id(prefix, "prefix")
    checked_id(site, "site")
    for what, value in (("device", device), ("camera", camera)):
        if value != "+":
            checked_id(value, what)
    root = f"{prefix}/{VERSION}/{site}/{device}"
    kinds = (f"cam/{camera}/{kind}" for kind in ("status", "sample", "image/+", "event"))
    rest = ("status", "info", *kinds)
    return tuple(f"{root}/{levels}" for levels in rest)
