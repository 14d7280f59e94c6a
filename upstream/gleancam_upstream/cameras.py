"""Which cameras a consumer takes: several consumers split the load by this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gleancam.wire.address import Address
from gleancam.wire.error import WireError
from gleancam.wire.subscriptions import consumer_filters
from gleancam.wire.topics import checked_id

ANY = "*"


@dataclass(frozen=True, slots=True)
class CameraFilter:
    """Cameras of devices; `*` is all of them."""

    device: str = ANY
    camera: str = ANY

    def covers(self, address: Address) -> bool:
        """Whether a topic belongs to it; a device's own topics belong to all its cameras."""
        return self.device in {ANY, address.topics.device} and (
            not address.camera_id or self.camera in {ANY, address.camera_id}
        )

    def topics(self, prefix: str, site: str) -> tuple[str, ...]:
        """Return what to subscribe to."""
        device, camera = (one.replace(ANY, "+") for one in (self.device, self.camera))
        return consumer_filters(prefix, site, device, camera)

    def includes(self, other: CameraFilter) -> bool:
        """Whether it covers all that the other does."""
        return self.device in {ANY, other.device} and self.camera in {ANY, other.camera}


def wanted_cameras(texts: Iterable[str]) -> tuple[CameraFilter, ...]:
    """Read filters like `gate-1/north`, `gate-1/*`, `*/north`; none at all is everything.

    Those that another one includes are left out: a broker may send a message once for each.

    Raises:
        WireError: one is no `device/camera`.
    """
    found = tuple(dict.fromkeys(map(_read, texts))) or (CameraFilter(),)
    return tuple(
        one for one in found if not any(two is not one and two.includes(one) for two in found)
    )


def strays_of(address: Address) -> tuple[CameraFilter, ...]:
    """Return every filter that can have brought a message of a camera here."""
    device, camera = address.topics.device, address.camera_id or ANY
    return tuple(CameraFilter(one, two) for one in (ANY, device) for two in (ANY, camera))


def _read(text: str) -> CameraFilter:
    device, slash, camera = text.partition("/")
    if not slash:
        raise WireError(f"no camera filter: {text[:200]!r}", cure="write DEVICE/CAMERA, or *")
    for what, part in (("device", device), ("camera", camera)):
        if part != ANY:
            checked_id(part, what)
    return CameraFilter(device, camera)
