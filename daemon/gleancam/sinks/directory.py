"""A sink that is a folder: every parcel becomes two files, durably. For sites without a broker."""

from __future__ import annotations

import os
from pathlib import Path

from gleancam.channel import Channel, WhenFull
from gleancam.durable import sync_directory
from gleancam.errors import ConfigurationError, SinkError
from gleancam.sinks.base import (
    Accepted,
    Connected,
    Ingested,
    Limits,
    Presence,
    Refused,
    SinkEvent,
)
from gleancam.wire.message import Message
from gleancam.wire.parcel import JPEG
from gleancam.wire.topics import checked_id

WINDOW = 20
"""Parcels whose outcome nobody has read yet."""
EVENTS_CAPACITY = 256
STATUS_FOLDER = "status"


class DirectorySink:
    """See `Sink`. What is written counts as accepted and ingested at once.

    Files are `{camera}/{parcel id}.jpg` and `.json` with the last parts of the topics as names;
    statuses go to `status/`. A file appears whole or not at all, and is on the disk, name
    included, before `Accepted`.

    Raises:
        ConfigurationError: the folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.events: Channel[SinkEvent] = Channel("sink events", EVENTS_CAPACITY, WhenFull.REFUSE)
        self._path = path
        self._started = False
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"directory.path: {path} cannot be made: {error.strerror}",
                cure="name a folder that the daemon's user may write",
            ) from error

    def start(self) -> None:
        """Begin the one session; a folder always has a consumer."""
        self._started = True
        self.events.put(Connected(Limits(WINDOW, None), 1))
        self.events.put(Presence(online=True))

    def send(self, parcel_id: str, messages: tuple[Message, ...]) -> None:
        """Write one parcel.

        Raises:
            SinkError: not started, or nobody reads the events.
        """
        self._require_room()
        folder = self._path / checked_id(_camera(messages[-1].topic), "camera id")
        name = checked_id(parcel_id, "parcel id")
        try:
            for message in messages:
                _write(folder, f"{name}{_suffix(message)}", message.payload)
        except OSError as error:
            self.events.put(Refused(parcel_id, f"not written: {error.strerror}", permanent=False))
            return
        self.events.put(Accepted(parcel_id))
        self.events.put(Ingested((parcel_id,)))

    def publish(self, message: Message) -> None:
        """Write a status over the one before.

        Raises:
            SinkError: not started, or the folder cannot be written.
        """
        self._require_room()
        try:
            _write(self._path / STATUS_FOLDER, _status_name(message.topic), message.payload)
        except OSError as error:
            raise SinkError(
                f"{self._path} cannot be written: {error.strerror}",
                cure="free space there, or mend its permissions",
                transient=True,
            ) from error

    def stop(self, timeout_s: float) -> None:
        """Do nothing more: all is written."""
        del timeout_s
        self._started = False

    def _require_room(self) -> None:
        if not self._started:
            raise SinkError("the sink is not started")
        if len(self.events) > EVENTS_CAPACITY - 2:
            raise SinkError("the sink's window is full", transient=True)


def _camera(topic: str) -> str:
    """Return the camera's level: `…/cam/{camera}/sample`."""
    return topic.split("/")[-2]


def _suffix(message: Message) -> str:
    return ".jpg" if message.content_type == JPEG else ".json"


def _status_name(topic: str) -> str:
    return "-".join(checked_id(level, "topic level") for level in topic.split("/")[2:]) + ".json"


def _write(folder: Path, name: str, payload: bytes) -> None:
    """Write, sync, rename, sync the folder: the order that survives a power cut."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        sync_directory(folder.parent)
    partial = folder / f".{name}.partial"
    with partial.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / name)
    sync_directory(folder)
