"""A device as a consumer sees it: statuses, samples, events, in either mode."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import final

from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel, messages
from gleancam.wire.status import CameraReport, camera_status, cleared, device_status
from gleancam.wire.topics import Topics
from gleancam_upstream.conformance.made_samples import CAMERA

SESSION = 1


@final
class PlayedDevice:
    """Publishes what it is told to; `say` publishes one message after the other."""

    def __init__(self, topics: Topics, say: Callable[..., None], *, mqtt5: bool) -> None:
        self._topics, self._say, self._mqtt5 = topics, say, mqtt5

    def appear(self) -> None:
        """Publish its status and its camera's, retained."""
        now_ns = time.time_ns()
        report = CameraReport("online", now_ns, now_ns)
        self._say(
            device_status(self._topics, "ready", SESSION, now_ns),
            camera_status(self._topics, CAMERA, report, session=SESSION, ts_ns=now_ns),
        )

    def vanish(self) -> None:
        """Clear what is retained, and an acknowledgement that should not be."""
        topics = self._topics
        every = (topics.camera_status(CAMERA), topics.status, topics.ack)
        self._say(*map(cleared, every))

    def send(self, parcel: Parcel, *, attempt: int = 1, other_mode: bool = False) -> None:
        """Publish a parcel: its image, if it is sent with it, then its manifest.

        `other_mode` is the envelope of a device that speaks the other version of MQTT: structured
        over 5; over 3.1.1 none, as when a device speaks 5.
        """
        self._say(*self._messages(parcel, attempt=attempt, other_mode=other_mode))

    def send_part(self, parcel: Parcel, part: int) -> None:
        """Publish of a sample only the image (0) or the manifest (1)."""
        self._say(self._messages(parcel)[part])

    def send_picture(self, parcel: Parcel) -> None:
        """Publish the picture of a sample whose manifest said that it is held."""
        self.send_part(replace(parcel, kind="sample"), 0)

    def _messages(
        self, parcel: Parcel, *, attempt: int = 1, other_mode: bool = False
    ) -> tuple[Message, ...]:
        """Return what `send` publishes."""
        mqtt5 = self._mqtt5 is not other_mode
        return messages(parcel, self._topics, attempt=attempt, spooled_s=0, mqtt5=mqtt5)
