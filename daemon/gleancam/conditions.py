"""Conditions of cameras as the outside sees them: status, metric and a line in the log."""

from __future__ import annotations

import logging

from gleancam.cameras import CameraBoard
from gleancam.condition import CONDITIONS, Condition
from gleancam.metrics import Metrics

log = logging.getLogger(__name__)


class Conditions:
    """Passes on what changed. `tell` is called by one thread."""

    def __init__(self, board: CameraBoard, metrics: Metrics) -> None:
        self._board = board
        self._metrics = metrics
        self._told: dict[str, tuple[Condition, ...]] = {}

    def tell(self, camera_id: str, conditions: tuple[Condition, ...]) -> None:
        """Take the conditions that hold after a frame of a camera."""
        self._board.looked_at(camera_id, conditions)
        before = self._told.get(camera_id)
        if conditions == before:
            return
        self._told[camera_id] = conditions
        for condition in CONDITIONS:
            holds = condition in conditions
            self._metrics.set("camera_condition", holds, camera=camera_id, condition=condition)
        if before is not None or conditions:
            words = ", ".join(conditions) or "nothing odd any more"
            log.warning("pictures of camera %s: %s", camera_id, words, extra={"camera": camera_id})
