"""From what the cameras brought to what is kept: gate, embed, decide.

The same code live and in replay: no threads, no clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from gleancam.condition import Condition
from gleancam.config.keys import Camera, Selection
from gleancam.health.watch import CameraHealth
from gleancam.selectors.budget_accounts import Budgets, net
from gleancam.selectors.memories import Memories
from gleancam.selectors.track import Track
from gleancam.types import Decision, EmbeddedFrame, Frame, Note, Pending, Reason, SceneChange
from gleancam_engines.errors import TensorError
from gleancam_engines.planes import Float32Array, Planes

Embed: TypeAlias = Callable[[Sequence[Planes]], Float32Array]
"""Pictures in, `(N, D)` float32 rows of norm 1 out, in the same order."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of one camera's `Pending`.

    Attributes:
        frame: the frame it held; None when only thumbnails came.
        gated: nothing had changed, so the frame was not embedded.
        embedded: None when there was no frame, or it was gated or failed.
        decision: one for every embedded frame.
        sample_id: of a kept frame; None otherwise.
        scene_id: the scene the camera shows now.
        changes: scene changes confirmed by this step.
        failure: why the frame could not be embedded; None when nothing was wrong.
        notes: of a kept frame: what is remembered since the last kept one, to be stored with it.
        conditions: what is odd about the camera's pictures; None when no frame was looked at.
    """

    camera_id: str
    frame: Frame | None
    gated: bool
    embedded: EmbeddedFrame | None
    decision: Decision | None
    sample_id: str | None
    scene_id: str
    changes: tuple[SceneChange, ...] = ()
    failure: str | None = None
    notes: tuple[Note, ...] = ()
    conditions: tuple[Condition, ...] | None = None


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
        self._embed = embed
        self._space_id = space_id
        self._new_id = new_id
        self._batch = batch
        ids = [camera.id for camera in cameras]
        stored = tuple(notes)
        self.memories = memories = Memories(net(selection, cameras), ids, space_id, stored)
        self.budgets = budgets = Budgets(selection, cameras, space_id, stored)
        self._tracks = {
            camera.id: Track(
                selection,
                camera,
                new_id,
                policy_id,
                space_id,
                memories.of(camera.id),
                budgets.of(camera.id),
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
        open_frames = [pending.frame for pending in batch if self._passes(pending)]
        embeddings = self._embed_all([frame for frame in open_frames if frame is not None])
        outcomes = [self._outcome(pending, embeddings, room=room) for pending in batch]
        return [replace(outcome, conditions=self._conditions(outcome)) for outcome in outcomes]

    def drain(self) -> tuple[Note, ...]:
        """What is to be remembered and was not drained yet; to be stored in this order."""
        return (*self.memories.drain(), *self.budgets.drain())

    def _conditions(self, outcome: Outcome) -> tuple[Condition, ...] | None:
        health = self._health.get(outcome.camera_id)
        return None if health is None or outcome.frame is None else health.look(outcome.frame)

    def _passes(self, pending: Pending) -> bool:
        track = self._tracks[pending.camera_id]
        track.glimpse(pending)
        return pending.frame is not None and track.passes(pending.frame)

    def _embed_all(self, frames: Sequence[Frame]) -> dict[str, EmbeddedFrame | str]:
        """Embedding or failure of each frame, by camera."""
        results: dict[str, EmbeddedFrame | str] = {}
        for start in range(0, len(frames), self._batch):
            results.update(self._embed_some(frames[start : start + self._batch]))
        return results

    def _embed_some(self, frames: Sequence[Frame]) -> dict[str, EmbeddedFrame | str]:
        try:
            rows = self._embed([frame.planes for frame in frames])
        except TensorError as error:
            if len(frames) == 1:
                return {frames[0].camera_id: str(error)}
            return self._embed_singly(frames)
        return {
            frame.camera_id: EmbeddedFrame(frame, row, self._space_id)
            for frame, row in zip(frames, rows, strict=True)
        }

    def _embed_singly(self, frames: Sequence[Frame]) -> dict[str, EmbeddedFrame | str]:
        """One bad picture must not cost the others of its batch."""
        results: dict[str, EmbeddedFrame | str] = {}
        for frame in frames:
            results.update(self._embed_some([frame]))
        return results

    def _outcome(
        self, pending: Pending, embeddings: dict[str, EmbeddedFrame | str], *, room: bool
    ) -> Outcome:
        track = self._tracks[pending.camera_id]
        embedded = embeddings.get(pending.camera_id)
        if embedded is None or isinstance(embedded, str):
            return Outcome(
                camera_id=pending.camera_id,
                frame=pending.frame,
                gated=pending.frame is not None and embedded is None,
                embedded=None,
                decision=None,
                sample_id=None,
                scene_id=track.scene_id,
                failure=embedded,
            )
        return self._judged(track, embedded, room=room)

    def _judged(self, track: Track, embedded: EmbeddedFrame, *, room: bool) -> Outcome:
        changes = track.confirm(embedded)
        decision = track.decide(embedded)
        if decision.keep and not room:
            decision = replace(decision, keep=False, reason=Reason.OVER_BUDGET, propensity=0.0)
        sample_id = self._new_id() if decision.keep else None
        track.learn(embedded, decision.score, sample_id)
        return Outcome(
            camera_id=embedded.frame.camera_id,
            frame=embedded.frame,
            gated=False,
            embedded=embedded,
            decision=decision,
            sample_id=sample_id,
            scene_id=track.scene_id,
            changes=changes,
            notes=self.drain() if sample_id is not None else (),
        )
