"""What was seen, in order: what policies are re-run over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from gleancam.decisions.epoch import Epoch
from gleancam.decisions.reading import Segment, read_segments
from gleancam.decisions.record import Logged, LoggedFrame
from gleancam.errors import DecisionLogError
from gleancam.settlements import Settled


@dataclass(frozen=True, slots=True)
class Run:
    """What one process saw and decided."""

    epoch: Epoch
    records: tuple[Logged, ...]

    def frames(self) -> Iterator[LoggedFrame]:
        """The frames, in order."""
        return (record for record in self.records if isinstance(record, LoggedFrame))


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a log could not be read.

    Attributes:
        segments: how many are not whole.
        torn_bytes: in them.
    """

    segments: int = 0
    torn_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """Runs, oldest first; at least one frame.

    Attributes:
        name: of the log or the video.
        missing: segments before the first, which made room.
        other_spaces: frames left out, since another embedder had embedded them.
    """

    name: str
    runs: tuple[Run, ...]
    damage: Damage = Damage()
    missing: int = 0
    other_spaces: int = 0

    def frames(self) -> list[LoggedFrame]:
        """All frames, in the order of the decisions."""
        return [frame for run in self.runs for frame in run.frames()]

    @property
    def epoch(self) -> Epoch:
        """The latest."""
        return self.runs[-1].epoch


class Costs:
    """Bytes on the wire of what was sent, and a guess for what was not.

    The guess is the mean of the camera's own, or else of all; None where nothing was sent.
    """

    def __init__(self, recording: Recording) -> None:
        sent = {frame.sample_id for frame in recording.frames() if frame.sample_id is not None}
        settled = [each for run in recording.runs for each in run.records]
        costs = [each for each in settled if isinstance(each, Settled) and each.parcel_id in sent]
        self.samples = frozenset(sent)
        self._known = {each.parcel_id: each.wire_bytes for each in costs}
        self._mean = _mean(costs)
        cameras = {each.camera_id for each in costs}
        self._by_camera = {
            camera: _mean(each for each in costs if each.camera_id == camera) for camera in cameras
        }

    def of(self, frame: LoggedFrame) -> int | None:
        """What it costs to send a frame."""
        if frame.sample_id in self._known:
            return self._known[frame.sample_id]
        return self._by_camera.get(frame.observation.camera_id, self._mean)

    def is_known(self, frame: LoggedFrame) -> bool:
        """Whether `of` is no guess."""
        return frame.sample_id in self._known


def read_log(folder: Path, camera_id: str | None = None) -> Recording:
    """Read a decision log, in its latest embedding space: of one camera, or of all.

    Raises:
        DecisionLogError: there is none, none that can be read, or none of this camera.
    """
    segments = list(read_segments(folder))
    recording = _latest_space(
        Recording(folder.name, tuple(_runs(segments)), _damage(segments), segments[0].number - 1)
    )
    return recording if camera_id is None else of_camera(recording, camera_id)


def of_camera(recording: Recording, camera_id: str) -> Recording:
    """Leave only one camera's records.

    Raises:
        DecisionLogError: there are none.
    """
    runs = tuple(replace(run, records=_of(run, camera_id)) for run in recording.runs)
    left = replace(recording, runs=tuple(run for run in runs if run.records))
    if not left.runs:
        seen = {frame.observation.camera_id for frame in recording.frames()}
        raise DecisionLogError(
            f"camera {camera_id!r} is not in the log", cure=f"choose of {', '.join(sorted(seen))}"
        )
    return left


def _latest_space(recording: Recording) -> Recording:
    space_id = recording.epoch.space_id
    runs = tuple(run for run in recording.runs if run.epoch.space_id == space_id)
    others = (run for run in recording.runs if run.epoch.space_id != space_id)
    return replace(
        recording, runs=runs, other_spaces=sum(1 for run in others for _ in run.frames())
    )


def _of(run: Run, camera_id: str) -> tuple[Logged, ...]:
    return tuple(
        record
        for record in run.records
        if camera_id
        == (record.camera_id if isinstance(record, Settled) else record.observation.camera_id)
    )


def _runs(segments: list[Segment]) -> Iterator[Run]:
    """Join the segments of one process."""
    records: list[Logged] = []
    epoch: Epoch | None = None
    for segment in segments:
        if segment.epoch is None:
            continue
        if epoch is not None and epoch.run_id != segment.epoch.run_id and records:
            yield Run(epoch, tuple(records))
            records = []
        epoch = segment.epoch
        records.extend(segment.records)
    if epoch is None or not any(isinstance(record, LoggedFrame) for record in records):
        raise DecisionLogError(
            "the decision log holds no whole frame yet",
            cure="wait until the daemon has embedded some, and written them after two seconds",
        )
    yield Run(epoch, tuple(records))


def _damage(segments: list[Segment]) -> Damage:
    torn = [segment.torn_bytes for segment in segments if segment.torn_bytes]
    return Damage(len(torn), sum(torn))


def _mean(costs: Iterable[Settled]) -> int | None:
    sizes = [each.wire_bytes for each in costs]
    return round(fmean(sizes)) if sizes else None
