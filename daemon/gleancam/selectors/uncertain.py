"""Uncertain: keep a frame that is not new, but of which the detectors are unsure."""

from __future__ import annotations

from dataclasses import replace

from gleancam.config.selection_keys import Uncertain
from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason


class UncertainSelector:
    """Says which frames of one camera the detectors look at a second time, and which are kept then.

    It is asked after all other reasons have refused a frame, and needs what no other does: what the
    detectors say. Running them is dear, so at most one frame in `every_s` is `wanted`, by the
    frames' own clock: those that are redundant and show something. What was over budget is not
    wanted: there is no budget for this either.

    A frame is kept when it is at least as informative as the threshold. A whole-frame embedding is
    blind to small objects, and they are what detectors are unsure of; so nothing is asked of its
    distance to what was sent. What stands in doubt before a camera all day is kept every `every_s`,
    within the budgets.
    """

    reason = Reason.UNCERTAIN

    def __init__(self, policy_id: str, settings: Uncertain) -> None:
        self._policy_id = policy_id
        self._settings = settings
        self._every_ns = round(settings.every_s * 1e9)
        self._looked_ns: int | None = None

    def wants(self, observation: Observation, decision: Decision) -> bool:
        """Whether the detectors should look at a frame about which there is a decision."""
        return (
            self._settings.enabled
            and decision.reason is Reason.REDUNDANT
            and not observation.featureless
            and self._is_due(observation.mono_ns)
        )

    def decide(self, decision: Decision, informativeness: float) -> Decision:
        """Judge a frame anew; changes nothing.

        Args:
            decision: the one it had, which says how novel the frame is.
            informativeness: of what the detectors found in it, 0…1.
        """
        keep = informativeness >= self._settings.threshold
        return replace(
            decision,
            keep=keep,
            reason=Reason.UNCERTAIN if keep else Reason.REDUNDANT,
            score=informativeness,
            threshold=self._settings.threshold,
            policy_keeps=keep,
            policy_propensity=float(keep),
            region=None,
            tag=None,
        )

    def looked(self, observation: Observation) -> None:
        """Take note that the detectors have looked at a frame."""
        self._looked_ns = observation.mono_ns

    def _is_due(self, mono_ns: int) -> bool:
        return self._looked_ns is None or mono_ns - self._looked_ns >= self._every_ns
