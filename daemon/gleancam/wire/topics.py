"""Topic names of one device. Every level that varies is a checked id."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gleancam.wire.error import WireError
from gleancam.wire.fields import IDENTIFIER

VERSION = "v1"
INGEST = "ingest"
"""Stands where a device's id stands, so no device may be called so."""

_IDENTIFIER = re.compile(IDENTIFIER)


def is_id(value: str) -> bool:
    """Whether it is an id: 1 to 64 of `a` to `z`, `0` to `9` and `-`."""
    return _IDENTIFIER.fullmatch(value) is not None


def checked_id(value: str, what: str = "id") -> str:
    """Return `value`.

    Raises:
        WireError: it is no id (`[a-z0-9-]`, 1 to 64 characters).
    """
    if not is_id(value):
        raise WireError(
            f"{what} is {value[:80]!r}", cure=f"use 1 to 64 of a to z, 0 to 9 and -, for {what}"
        )
    return value


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device.

    Raises:
        WireError: `prefix`, `site` or `device` is no id, or `device` is `ingest`.
    """

    prefix: str
    site: str
    device: str

    def __post_init__(self) -> None:
        for what in ("prefix", "site", "device"):
            checked_id(getattr(self, what), what)
        if self.device == INGEST:
            raise WireError("device is 'ingest'", cure="that name is taken; choose another")

    @property
    def root(self) -> str:
        """The part all topics of the device share."""
        return f"{self.prefix}/{VERSION}/{self.site}/{self.device}"

    @property
    def status(self) -> str:
        """Device status, retained, and the will."""
        return f"{self.root}/status"

    @property
    def info(self) -> str:
        """What the device is and runs, retained."""
        return f"{self.root}/info"

    @property
    def ack(self) -> str:
        """Where consumers acknowledge."""
        return f"{self.root}/ack"

    @property
    def desired(self) -> str:
        """What is wanted of the device's configuration, retained."""
        return f"{self.root}/desired"

    @property
    def reported(self) -> str:
        """What of it is in force, and why not more, retained."""
        return f"{self.root}/reported"

    @property
    def command_filter(self) -> str:
        """The subscription to all commands, and not to their results."""
        return f"{self.root}/cmd/+"

    @property
    def ingest_filter(self) -> str:
        """The subscription to every consumer's presence at this site."""
        return f"{self.prefix}/{VERSION}/{self.site}/{INGEST}/+/status"

    def command(self, name: str) -> str:
        """Return where one command is given; never retained."""
        return f"{self.root}/cmd/{checked_id(name, 'command')}"

    def command_result(self, name: str, asker: str = "") -> str:
        """Return where one command is answered: to everybody, or to one asker."""
        topic = f"{self.command(name)}/result"
        return f"{topic}/{checked_id(asker, 'asker')}" if asker else topic

    def camera(self, camera_id: str) -> str:
        """Return the root of one camera: no topic itself, the `source` of its samples."""
        return f"{self.root}/cam/{checked_id(camera_id, 'camera id')}"

    def camera_status(self, camera_id: str) -> str:
        """Return the topic of one camera's status, retained."""
        return f"{self.camera(camera_id)}/status"

    def sample(self, camera_id: str) -> str:
        """Return the topic of one camera's manifests."""
        return f"{self.camera(camera_id)}/sample"

    def image(self, camera_id: str, sample_id: str) -> str:
        """Return the topic of one sample's image."""
        return f"{self.camera(camera_id)}/image/{checked_id(sample_id, 'sample id')}"

    def event(self, camera_id: str) -> str:
        """Return the topic of one camera's events."""
        return f"{self.camera(camera_id)}/event"
