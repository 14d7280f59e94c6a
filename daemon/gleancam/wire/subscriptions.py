"""What a consumer subscribes to."""

from __future__ import annotations

from gleancam.wire.topics import VERSION, checked_id


def consumer_filters(prefix: str, site: str, device: str = "+") -> tuple[str, ...]:
    """Return the topic filters of all a site's devices, or of one.

    Raises:
        WireError: a part is no id.
    """
    checked_id(prefix, "prefix")
    checked_id(site, "site")
    if device != "+":
        checked_id(device, "device")
    root = f"{prefix}/{VERSION}/{site}/{device}"
    rest = ("status", "info", "cam/+/status", "cam/+/sample", "cam/+/image/+", "cam/+/event")
    return tuple(f"{root}/{levels}" for levels in rest)
