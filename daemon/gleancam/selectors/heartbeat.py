"""A frame now and then, though nothing happens."""

from __future__ import annotations

from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason

_MOST = 2.0
"""Intervals that a score tells of."""


class HeartbeatSelector:
    """Wants a frame when nothing was kept for an interval, whatever for; a start begins one.

    Args:
        every_s: the interval; None wants nothing.
    """

    reason = Reason.HEARTBEAT

    def __init__(self, policy_id: str, every_s: float | None) -> None:
        self._policy_id = policy_id
        self._every_ns = None if every_s is None else every_s * 1e9
        self._since_ns: int | None = None
        self._refused = False

    def opens_gate(self, mono_ns: int) -> bool:
        """Whether a frame of this time should pass the gate: once, for each that is due."""
        self._since_ns = mono_ns if self._since_ns is None else self._since_ns
        return not self._refused and self._beats(mono_ns) >= 1

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        beats = self._beats(observation.mono_ns)
        return Decision(
            keep=beats >= 1,
            reason=Reason.HEARTBEAT if beats >= 1 else Reason.REDUNDANT,
            score=beats,
            threshold=1.0,
            policy_id=self._policy_id,
        )

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Take note of whether a frame was kept."""
        if kept_id is not None or self._since_ns is None:
            # A frame may be kept after later ones were learnt.
            self._since_ns = max(self._since_ns or 0, observation.mono_ns)
            self._refused = False
        else:
            self._refused = self._beats(observation.mono_ns) >= 1

    def _beats(self, mono_ns: int) -> float:
        """Intervals since something was kept, 0…2."""
        if self._since_ns is None or self._every_ns is None:
            return 0.0
        return min(_MOST, max(0.0, (mono_ns - self._since_ns) / self._every_ns))
