"""How every camera is doing: written by its supervisor, read by delivery and the HTTP page."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from gleancam.condition import Condition

Presence: TypeAlias = Literal["online", "stalled", "offline", "disabled"]
"""The `state` of `cam/{cam}/status`."""


DAMAGE_SHOWN_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera now.

    Attributes:
        since_ns: UTC nanoseconds since when it is in this state.
        last_frame_ns: UTC nanoseconds of its latest picture; None before the first.
        error_kind: what took it offline, a word; online, `corrupt` or empty.
        error_text: the same for a person, without credentials.
        conditions: what is odd about its pictures; empty when none arrive.
    """

    camera_id: str
    state: Presence
    since_ns: int
    last_frame_ns: int | None = None
    error_kind: str = ""
    error_text: str = ""
    conditions: tuple[Condition, ...] = ()


class CameraBoard:
    """The state of every camera. Thread-safe; as large as the number of cameras.

    A change of state raises `version`; a new picture alone does not.
    """

    def __init__(self, camera_ids: Iterable[str], disabled: Iterable[str] = ()) -> None:
        """All cameras start offline, but for those that configuration switched off."""
        now = time.time_ns()
        off = frozenset(disabled)
        self._states = {
            camera_id: CameraState(
                camera_id,
                "disabled" if camera_id in off else "offline",
                now,
                error_kind="" if camera_id in off else "starting",
            )
            for camera_id in (*camera_ids, *off)
        }
        self._changed_at = dict.fromkeys(self._states, 1)
        self._damaged_ns: dict[str, int] = {}
        self._version = 1
        self._lock = threading.Lock()

    @property
    def version(self) -> int:
        """Count of changes; 1 at the start, when all states are new."""
        return self._version

    def states(self) -> tuple[CameraState, ...]:
        """Return every camera's state, in the order of configuration."""
        with self._lock:
            return tuple(self._states.values())

    def changes(self, seen_version: int) -> tuple[int, tuple[CameraState, ...]]:
        """Return what changed after a version: 0 gives everything.

        Returns:
            The version to ask with next time, and the states that changed.
        """
        with self._lock:
            changed = (state for id_, state in self._states.items() if self._new(id_, seen_version))
            return self._version, tuple(changed)

    def seen(self, camera_id: str, captured_ns: int) -> None:
        """Note a picture: the camera is online."""
        with self._lock:
            state = replace(self._states[camera_id], last_frame_ns=captured_ns)
            self._states[camera_id] = state
            if state.state != "online" or self._is_past(state):
                self._move(camera_id, "online", "", "")

    def damaged(self, camera_id: str, text: str) -> None:
        """Note that an online camera's pictures are damaged; it is forgotten after a minute."""
        with self._lock:
            state = self._states[camera_id]
            self._damaged_ns[camera_id] = time.monotonic_ns()
            if state.state == "online" and state.error_kind != "corrupt":
                self._move(camera_id, "online", "corrupt", text)

    def looked_at(self, camera_id: str, conditions: tuple[Condition, ...]) -> None:
        """Note what is odd about an online camera's pictures."""
        with self._lock:
            state = self._states[camera_id]
            if state.state == "online" and state.conditions != conditions:
                self._states[camera_id] = replace(state, conditions=conditions)
                self._raise_version(camera_id)

    def failed(self, camera_id: str, kind: str, text: str) -> None:
        """Note why a camera brings nothing; `stalled` is a state of its own."""
        to: Presence = "stalled" if kind == "stalled" else "offline"
        with self._lock:
            state = self._states[camera_id]
            if (state.state, state.error_kind, state.error_text) != (to, kind, text):
                self._move(camera_id, to, kind, text)

    def _is_past(self, state: CameraState) -> bool:
        age_ns = time.monotonic_ns() - self._damaged_ns.get(state.camera_id, 0)
        return bool(state.error_kind) and age_ns > DAMAGE_SHOWN_NS

    def _new(self, camera_id: str, seen_version: int) -> bool:
        return self._changed_at[camera_id] > seen_version

    def _move(self, camera_id: str, to: Presence, kind: str, text: str) -> None:
        state = self._states[camera_id]
        since_ns = state.since_ns if state.state == to else time.time_ns()
        self._states[camera_id] = replace(
            state,
            state=to,
            since_ns=since_ns,
            error_kind=kind,
            error_text=text,
            conditions=state.conditions if to == "online" else (),
        )
        self._raise_version(camera_id)

    def _raise_version(self, camera_id: str) -> None:
        self._version += 1
        self._changed_at[camera_id] = self._version
