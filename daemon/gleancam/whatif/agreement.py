"""How far a replay decides as was decided then, and why not everywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gleancam.types import Decision, Reason
from gleancam.whatif.recording import Recording
from gleancam.whatif.rerun import Rerun

Why: TypeAlias = Literal["rounding", "disk_full", "knock_on", "restart", "not_in_log", "other"]

ROUNDING = 1e-3
"""Cosine distance. More than float16 can move one below 0.5 (`decisions/record.py`: 5e-4), where
thresholds lie; a score of twice a distance counts double."""

MEANING: dict[Why, str] = {
    "rounding": "the score lies at the threshold, within what float16 rounds off",
    "disk_full": "the disk was full then: over budget, with no budget to be over",
    "knock_on": "an earlier difference changed what is remembered or left to spend",
    "restart": "after a restart, what had been stored then may be a minute older",
    "not_in_log": "what was remembered before the log begins is missing",
    "other": "not explained",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A frame about which the replay decides otherwise."""

    frame: int
    logged: Reason
    now: Reason
    why: Why


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two lists of decisions about the same frames; the same is whether, and why, one is kept."""

    frames: int
    differences: tuple[Difference, ...]

    @property
    def share(self) -> float:
        """Of the frames, those decided as then, 0…1."""
        return 1 - len(self.differences) / max(1, self.frames)

    @property
    def kinds(self) -> dict[tuple[Why, str, str], int]:
        """How many differences of each kind: why, the reason then, the reason now."""
        found = Counter((each.why, each.logged.value, each.now.value) for each in self.differences)
        return dict(sorted(found.items()))


def agreement(recording: Recording, now: Rerun) -> Agreement:
    """Compare what was logged with a replay of it."""
    begins_later = recording.missing > 0 or recording.runs[0].epoch.remembered > 0
    first_run = sum(1 for _ in recording.runs[0].frames())
    budgeted, shared = _budgeted(now), _shares(now)
    differed: set[str] = set()
    found = []
    for index, (frame, new) in enumerate(zip(now.frames, now.decisions, strict=True)):
        old, camera = frame.decision, frame.observation.camera_id
        if (old.keep, old.reason) == (new.keep, new.reason):
            continue
        causes: list[tuple[bool, Why]] = [
            (old.reason is Reason.OVER_BUDGET and camera not in budgeted, "disk_full"),
            (_is_close(old) or _is_close(new), "rounding"),
            (camera in differed or (shared and bool(differed)), "knock_on"),
            (index >= first_run, "restart"),
            (begins_later, "not_in_log"),
        ]
        why: Why = next((why for holds, why in causes if holds), "other")
        found.append(Difference(index, old.reason, new.reason, why))
        differed.add(camera)
    return Agreement(len(now.frames), tuple(found))


def _is_close(decision: Decision) -> bool:
    return abs(decision.score - decision.threshold) <= ROUNDING


def _shares(now: Rerun) -> bool:
    """Whether one camera's frames bear on another's."""
    selection = now.policy.selection
    return selection.budget is not None or selection.novelty.scope != "camera"


def _budgeted(now: Rerun) -> set[str]:
    """Cameras to which some budget applies."""
    policy = now.policy
    cameras = {frame.observation.camera_id for frame in now.frames}
    if policy.selection.budget is not None:
        return cameras
    return {camera.id for camera in policy.cameras if camera.budget is not None}
