"""What commands do to the daemon, besides what delivery does about them itself."""

from __future__ import annotations

from collections.abc import Collection

from gleancam.captures import Capture, Captures
from gleancam.delivery.courier import Delivery
from gleancam.metrics import Metrics
from gleancam.pause import Pause
from gleancam.statuses import Statuses
from gleancam.wire.command import Command


class Orders:
    """Carries out capture-now, pause and resume, on the delivery stage's thread."""

    def __init__(
        self,
        camera_ids: Collection[str],
        captures: Captures,
        pause: Pause,
        statuses: Statuses,
        metrics: Metrics,
    ) -> None:
        self._camera_ids = camera_ids
        self._captures = captures
        self._pause = pause
        self._statuses = statuses
        self._metrics = metrics

    def obeyed_by(self, delivery: Delivery) -> None:
        """Have `delivery` obey these commands."""
        delivery.obey("capture-now", self.capture)
        delivery.obey("pause", lambda _command: self._set(on=True))
        delivery.obey("resume", lambda _command: self._set(on=False))

    def capture(self, command: Command) -> str:
        """Ask for the next frame of one camera, or of each."""
        if self._pause.on:
            return "the device is paused: resume first"
        if command.camera_id and command.camera_id not in self._camera_ids:
            return f"no camera {command.camera_id} is watched"
        for camera_id in [command.camera_id] if command.camera_id else self._camera_ids:
            self._captures.put(Capture(camera_id, f"command-{command.id}"))
        return ""

    def _set(self, *, on: bool) -> str:
        """Pause or resume; what is so already stays so, and that is no refusal."""
        self._pause.on = on
        self._metrics.set("paused", float(on))
        self._statuses.paused(on=on)
        return ""
