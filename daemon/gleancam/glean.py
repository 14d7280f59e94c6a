"""From what the cameras brought to what is kept: gate, embed, decide.

The same code live and in replay: no threads, no clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from gleancam.batching import Batches, Embed, Embedding
from gleancam.condition import Condition
from gleancam.config.keys import Camera, Novelty, Selection
from gleancam.crop import crop
from gleancam.health.watch import CameraHealth
from gleancam.selectors.budget_accounts import Budgets, net
from gleancam.selectors.judge import Judge
from gleancam.selectors.luma import FEATURELESS_DEVIATION
from gleancam.selectors.memories import Memories
from gleancam.selectors.observation import Observation
from gleancam.selectors.region_novelty import RegionNovelty
from gleancam.selectors.track import Track
from gleancam.types import (
    Box,
    Decision,
    EmbeddedFrame,
    EmbeddedPart,
    Frame,
    Note,
    Pending,
    Reason,
    SceneChange,
)
from gleancam_engines.planes import Planes


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of one camera's `Pending`.

    Attributes:
        frame: the frame it held; None when only thumbnails came.
        gated: nothing had changed, so the frame was not embedded.
        scene_id: the scene the camera shows now.
        embedded: None when there was no frame, or it was gated or failed.
        observation: what was decided on: one for every embedded frame.
        decision: one for every embedded frame.
        sample_id: of a kept frame; None otherwise.
        changes: scene changes confirmed by this step.
        failure: why the frame could not be embedded; None when nothing was wrong.
        notes: of a kept frame: what is remembered since the last kept one, to be stored with it.
        conditions: what is odd about the camera's pictures; None when no frame was looked at.
    """

    camera_id: str
    frame: Frame | None
    gated: bool
    scene_id: str
    embedded: EmbeddedFrame | None = None
    observation: Observation | None = None
    decision: Decision | None = None
    sample_id: str | None = None
    changes: tuple[SceneChange, ...] = ()
    failure: str | None = None
    notes: tuple[Note, ...] = ()
    conditions: tuple[Condition, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Embeddings:
    whole: Embedding
    parts: tuple[EmbeddedPart, ...]


class Gleaner:
    """Decides for all cameras which frames are kept.

    A deterministic function of what it was shown: the same batches give the same outcomes.

    Args:
        embed: may raise `TensorError` for pictures it cannot take; anything else ends the step.
        space_id: names the space of the embeddings.
        new_id: gives sample and scene ids, each once.
        policy_id: written into every decision.
        batch: the most pictures given to `embed` in one call.
        notes: what an earlier process remembered.

    Attributes:
        memories: what is remembered of all cameras.
        regions: what is remembered of the small parts of their frames.
        budgets: what they may send; to be told what each sample cost.
    """

    def __init__(
        self,
        selection: Selection,
        cameras: Sequence[Camera],
        embed: Embed,
        space_id: str,
        new_id: Callable[[], str],
        policy_id: str,
        batch: int,
        notes: Iterable[Note] = (),
    ) -> None:
        self._batches = Batches(embed, batch)
        self._space_id = space_id
        self._new_id = new_id
        ids = [camera.id for camera in cameras]
        stored = tuple(notes)
        self.memories = Memories(net(selection, cameras), ids, space_id, stored)
        self.regions = Memories(_of_regions(selection), ids, space_id, stored, root="regions")
        self.budgets = Budgets(selection, cameras, space_id, stored)
        self._tracks = {
            camera.id: Track(
                selection,
                camera,
                new_id,
                space_id,
                self._judge_of(selection, camera.id, policy_id),
            )
            for camera in cameras
        }
        self._health: dict[str, CameraHealth] = {}

    def watch_health(self, cameras: Sequence[Camera]) -> None:
        """Look for what is odd about the pictures of these cameras, too."""
        self._health = {camera.id: CameraHealth(camera) for camera in cameras}

    def step(self, batch: Sequence[Pending], *, room: bool = True) -> list[Outcome]:
        """Take one batch, at most one `Pending` a camera; one outcome for each, in order.

        Without `room` for another sample, what would be kept is `over_budget`: not sent, and so
        still novel when it is seen again.
        """
        passing = [pending.frame for pending in batch if self._passes(pending)]
        embeddings = self._embed_all([frame for frame in passing if frame is not None])
        outcomes = [self._outcome(pending, embeddings, room=room) for pending in batch]
        return [replace(outcome, conditions=self._conditions(outcome)) for outcome in outcomes]

    def drain(self) -> tuple[Note, ...]:
        """What is to be remembered and was not drained yet; to be stored in this order."""
        return (*self.memories.drain(), *self.regions.drain(), *self.budgets.drain())

    def _judge_of(self, selection: Selection, camera_id: str, policy_id: str) -> Judge:
        (past,) = self.regions.of(camera_id)
        regions = RegionNovelty(past, selection.novelty.threshold)
        return Judge(
            policy_id,
            self.memories.of(camera_id),
            self.budgets.of(camera_id),
            refractory_s=selection.novelty.refractory_s,
            regions=regions if selection.regions.enabled else None,
        )

    def _conditions(self, outcome: Outcome) -> tuple[Condition, ...] | None:
        health = self._health.get(outcome.camera_id)
        return None if health is None or outcome.frame is None else health.look(outcome.frame)

    def _passes(self, pending: Pending) -> bool:
        track = self._tracks[pending.camera_id]
        track.glimpse(pending)
        return pending.frame is not None and track.passes(pending.frame)

    def _embed_all(self, frames: Sequence[Frame]) -> dict[str, _Embeddings]:
        """What is known of each frame and its regions, by camera; all in the same batches."""
        cut = [(frame, self._tracks[frame.camera_id].regions(frame)) for frame in frames]
        pictures = [_pictures(frame, boxes) for frame, boxes in cut]
        rows = iter(self._batches.rows([planes for each in pictures for planes in each]))
        return {
            frame.camera_id: _Embeddings(next(rows), _parts(boxes, each[1:], rows))
            for (frame, boxes), each in zip(cut, pictures, strict=True)
        }

    def _outcome(
        self, pending: Pending, embeddings: Mapping[str, _Embeddings], *, room: bool
    ) -> Outcome:
        track = self._tracks[pending.camera_id]
        found = embeddings.get(pending.camera_id)
        if pending.frame is None or found is None or isinstance(found.whole, str):
            return Outcome(
                camera_id=pending.camera_id,
                frame=pending.frame,
                gated=pending.frame is not None and found is None,
                scene_id=track.scene_id,
                failure=found.whole if found and isinstance(found.whole, str) else None,
            )
        embedded = EmbeddedFrame(pending.frame, found.whole, self._space_id)
        return self._judged(track, embedded, found.parts, room=room)

    def _judged(
        self,
        track: Track,
        embedded: EmbeddedFrame,
        parts: tuple[EmbeddedPart, ...],
        *,
        room: bool,
    ) -> Outcome:
        observation, changes = track.observe(embedded, parts)
        track.judge.begin(observation, changes)
        decision = track.judge.decide(observation)
        if decision.keep and not room:
            decision = replace(decision, keep=False, reason=Reason.OVER_BUDGET, propensity=0.0)
        sample_id = self._new_id() if decision.keep else None
        track.judge.learn(observation, decision.score, sample_id)
        return Outcome(
            camera_id=embedded.frame.camera_id,
            frame=embedded.frame,
            gated=False,
            scene_id=track.scene_id,
            embedded=embedded,
            observation=observation,
            decision=decision,
            sample_id=sample_id,
            changes=changes,
            notes=self.drain() if sample_id is not None else (),
        )


def _pictures(frame: Frame, boxes: Sequence[Box]) -> list[Planes]:
    """The whole frame and its parts."""
    return [frame.planes, *(crop(frame.planes, box) for box in boxes)]


def _parts(
    boxes: Sequence[Box], pictures: Sequence[Planes], rows: Iterator[Embedding]
) -> tuple[EmbeddedPart, ...]:
    """Take one row for each box; a part that cannot be embedded is left out."""
    found = [(box, picture, next(rows)) for box, picture in zip(boxes, pictures, strict=True)]
    return tuple(
        EmbeddedPart(box, row, featureless=bool(picture.y.std() < FEATURELESS_DEVIATION))
        for box, picture, row in found
        if not isinstance(row, str)
    )


def _of_regions(selection: Selection) -> Novelty:
    """How regions are remembered: each camera's own, otherwise as whole frames are."""
    return msgspec.structs.replace(
        selection.novelty,
        threshold=selection.regions.threshold,
        capacity=selection.regions.capacity,
        scope="camera",
    )
