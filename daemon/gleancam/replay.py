"""A video file through the same selection that runs on the device, and what came of it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from typing import Any, TypeAlias

import msgspec

from gleancam.batching import Embed
from gleancam.condition import Condition
from gleancam.config.keys import Camera, Config
from gleancam.glean import Gleaner
from gleancam.mask import blacken, plane_masks
from gleancam.outcome import Outcome
from gleancam.selectors.lotteries import seeded
from gleancam.selectors.references import NOTHING, References
from gleancam.sources.video import VideoFrame
from gleancam.types import Decision, Frame, Pending, Redaction, SceneChange, SceneRecord, Thumbnail
from gleancam_engines.planes import Planes

Doubt: TypeAlias = Callable[[Planes, "str | None"], float]
"""Called with a picture and its zero-shot name; gives its informativeness."""

POLICY_ID = "replay"
_DIGITS = 6
"""Of numbers in the report: more than float32 holds."""
_LOOK_AHEAD = 8
"""Pictures that tell the video's rate."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision and the frame it is about: its 0-based number and its time in the video."""

    frame: int
    t_s: float
    decision: Decision


@dataclass(frozen=True, slots=True)
class Turn:
    """From this frame on, and until the next turn, just these conditions hold."""

    frame: int
    t_s: float
    conditions: tuple[Condition, ...]


@dataclass(slots=True)
class Report:
    """What became of a video's frames; `decisions` has one row for every embedded frame."""

    times_ns: array[int] = field(default_factory=lambda: array("q"))
    looked_at: int = 0
    embedded: int = 0
    gated: int = 0
    failures: list[str] = field(default_factory=list)
    decisions: list[Judged] = field(default_factory=list)
    changes: list[SceneChange] = field(default_factory=list)
    conditions: list[Turn] = field(default_factory=list)

    def add(self, frame: int, outcome: Outcome) -> None:
        """Take note of one sampled frame."""
        self.looked_at += 1
        self.gated += outcome.gated
        self.changes.extend(outcome.changes)
        self._follow(frame, outcome.conditions or ())
        if outcome.failure is not None:
            self.failures.append(f"frame {frame}: {outcome.failure}")
        if outcome.decision is not None:
            self.embedded += 1
            self.decisions.append(Judged(frame, self.times_ns[frame] / 1e9, outcome.decision))

    def _follow(self, frame: int, conditions: tuple[Condition, ...]) -> None:
        if conditions != (self.conditions[-1].conditions if self.conditions else ()):
            self.conditions.append(Turn(frame, self.times_ns[frame] / 1e9, conditions))

    def frame_at(self, captured_ns: int) -> int:
        """Give the number of the frame of that time."""
        return bisect_left(self.times_ns, captured_ns)

    def document(self, video: str) -> dict[str, Any]:
        """The report as JSON has it; see `gleancam replay --help`."""
        document: dict[str, Any] = {
            "video": video,
            "frames_decoded": len(self.times_ns),
            "embedded": self.embedded,
            "gated": self.gated,
            "decisions": [_decision(judged) for judged in self.decisions],
            "scene_changes": [self._change(change) for change in self.changes],
            "conditions": [_turn(turn) for turn in self.conditions],
        }
        if self.failures:
            document["failures"] = self.failures
        return document

    def _change(self, change: SceneChange) -> dict[str, Any]:
        start = self.frame_at(change.started_ns)
        row: dict[str, Any] = {
            "frame": start,
            "t_s": round(change.started_ns / 1e9, _DIGITS),
            "distance": None if change.distance is None else round(change.distance, _DIGITS),
            "threshold": round(change.threshold, _DIGITS),
            "kind": change.kind,
        }
        if change.kind == "gradual":
            row |= {"start": start, "end": self.frame_at(change.ended_ns)}
        row |= {"scene_id": change.scene_id, "ended_scene": self._record(change.ended_scene)}
        if change.label is not None:
            row["label"] = change.label
        return row

    def _record(self, record: SceneRecord | None) -> dict[str, Any] | None:
        if record is None:
            return None
        return {
            "scene_id": record.scene_id,
            "start": self.frame_at(record.started_ns),
            "end": self.frame_at(record.ended_ns),
            "duration_s": round(record.duration_s, _DIGITS),
            "representative_id": record.representative_id,
        }


class Replay:
    """Plays frames to a `Gleaner` of one camera, whose clock is the video's own.

    Args:
        fps: frames a second that are looked at, if the video has so many; None for every frame.
        references: what frames are compared with that was made elsewhere.
        doubt: gives the informativeness of a picture of some zero-shot name; None: nothing is kept
            as uncertain.
    """

    def __init__(
        self,
        config: Config,
        camera: Camera,
        embed: Embed,
        space_id: str,
        fps: float | None,
        references: References = NOTHING,
        doubt: Doubt | None = None,
    ) -> None:
        self._config = config
        self._camera = camera
        self._embed = embed
        self._space_id = space_id
        self._fps = fps
        self._references = references
        self._doubt = doubt
        self._mask = _mask(camera)
        self._redactions = tuple(Redaction(mask.name, mask.polygon) for mask in camera.mask)
        self._sampling = Sampling(fps)
        self._thumbnails: list[Thumbnail] = []

    def run(self, frames: Iterable[VideoFrame], watch: Callable[[Report], None]) -> Report:
        """Play all frames; `watch` is called after each."""
        report = Report()
        fps, shown = look_ahead(frames)
        self.begin(fps)
        for each in shown:
            self.show(each, report)
            watch(report)
        return report

    def begin(self, video_fps: float) -> None:
        """Make what decides about a video of that rate; before the first frame is shown."""
        fps = video_fps if self._fps is None else min(video_fps, self._fps)
        numbers = count()
        config = self._config
        camera = msgspec.structs.replace(self._camera, fps=fps)
        self._gleaner = Gleaner(
            seeded(config.selection, config.site, config.device),
            [camera],
            self._embed,
            self._space_id,
            new_id=lambda: f"{POLICY_ID}-{next(numbers)}",
            policy_id=POLICY_ID,
            batch=config.models.batch,
            references=self._references,
        )
        if config.health.enabled:
            self._gleaner.watch_health([camera])

    def settle(self, camera_id: str, sample_id: str, wire_bytes: int) -> None:
        """Tell the budgets what a sample would have cost."""
        self._gleaner.judges.budgets.settle(camera_id, sample_id, wire_bytes)

    def show(self, video_frame: VideoFrame, report: Report) -> list[Outcome]:
        """Play the next frame; empty when it is not looked at."""
        report.times_ns.append(round(video_frame.t_s * 1e9))
        at_ns = report.times_ns[-1]
        planes = self._mask(video_frame.planes)
        frame = Frame(self._camera.id, video_frame.index, at_ns, at_ns, planes, self._redactions)
        if self._camera.thumbnails == "decoded":
            self._thumbnails.append(frame.thumbnail)
        if not self._sampling.takes(video_frame.t_s):
            return []
        pending = Pending(self._camera.id, frame, tuple(self._thumbnails))
        self._thumbnails.clear()
        outcomes = [self._second_look(each) for each in self._gleaner.step([pending])]
        for outcome in outcomes:
            report.add(video_frame.index, outcome)
        return outcomes

    def _second_look(self, outcome: Outcome) -> Outcome:
        """Show a frame that was not kept to the detectors, as an idle device would."""
        if self._doubt is None or outcome.frame is None or not self._gleaner.doubts(outcome):
            return outcome
        doubt = self._doubt(outcome.frame.planes, self._gleaner.name(outcome))
        later = self._gleaner.reconsider(outcome, doubt)
        return later if later.sample_id is not None else outcome


class Sampling:
    """Chooses frames at a rate: the first at or after each multiple of the period."""

    def __init__(self, fps: float | None) -> None:
        self._fps = fps
        self._taken = 0

    def takes(self, t_s: float) -> bool:
        """Whether the next frame, at `t_s`, is looked at."""
        if self._fps is None:
            return True
        due = int(t_s * self._fps + 1e-6) + 1
        taken, self._taken = self._taken, max(due, self._taken)
        return due > taken


def look_ahead(frames: Iterable[VideoFrame]) -> tuple[float, Iterator[VideoFrame]]:
    """Tell a video's frames a second from its first ones; give all of them back."""
    rest = iter(frames)
    first = list(islice(rest, _LOOK_AHEAD))
    length_s = first[-1].t_s - first[0].t_s if first else 0.0
    return (len(first) - 1) / length_s if length_s > 0 else 1.0, chain(first, rest)


def _decision(judged: Judged) -> dict[str, Any]:
    row: dict[str, Any] = {
        "frame": judged.frame,
        "t_s": round(judged.t_s, _DIGITS),
        "keep": judged.decision.keep,
        "reason": judged.decision.reason.value,
        "score": round(judged.decision.score, _DIGITS),
        "threshold": round(judged.decision.threshold, _DIGITS),
    }
    if judged.decision.keep and judged.decision.tag is not None:
        row["tag"] = judged.decision.tag
    return row


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "frame": turn.frame,
        "t_s": round(turn.t_s, _DIGITS),
        "conditions": list(turn.conditions),
    }


def _mask(camera: Camera) -> Callable[[Planes], Planes]:
    polygons = [mask.polygon for mask in camera.mask]
    if not polygons:
        return lambda planes: planes

    def masked(planes: Planes) -> Planes:
        copy = Planes(planes.y.copy(), planes.u.copy(), planes.v.copy(), planes.colorimetry)
        blacken(copy, plane_masks(polygons, copy.height, copy.width))
        return copy.read_only()

    return masked
