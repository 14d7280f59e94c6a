"""From what the cameras brought to what is kept: gate, embed, decide.

The same code live and in replay: no threads, no clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gleancam.batching import Batches, Embed
from gleancam.condition import Condition
from gleancam.config.keys import Camera
from gleancam.config.selection_keys import Selection
from gleancam.embedding import Embeddings, embed_frames
from gleancam.health.watch import CameraHealth
from gleancam.outcome import Outcome
from gleancam.selectors.judges import Judges
from gleancam.selectors.lottery import NOT_DRAWN, Draw
from gleancam.selectors.observation import Observation
from gleancam.selectors.policy import stopped
from gleancam.selectors.references import NOTHING, References
from gleancam.selectors.scene_name import SceneNamer
from gleancam.selectors.track import Track
from gleancam.selectors.uncertain import UncertainSelector
from gleancam.selectors.zero_shot import UNKNOWN
from gleancam.types import (
    Decision,
    EmbeddedFrame,
    Note,
    Pending,
    Reason,
    SceneChange,
)


@dataclass(frozen=True, slots=True)
class Admission:
    """What decides whether a frame is embedded.

    Attributes:
        passed: the policy wants to look at it.
        draw: what the lottery said, which was drawn before.
    """

    passed: bool
    draw: Draw

    @property
    def embedded(self) -> bool:
        """Whether the frame is embedded, for the policy or for the lottery."""
        return self.passed or self.draw.drawn


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
        references: what frames are compared with that was made elsewhere, in the same space.

    Attributes:
        judges: decide about all cameras; what they remember has to be stored.
    """

    def __init__(  # noqa: PLR0913 - one argument for each thing that decisions depend on
        self,
        selection: Selection,
        cameras: Sequence[Camera],
        embed: Embed,
        space_id: str,
        new_id: Callable[[], str],
        policy_id: str,
        batch: int,
        notes: Iterable[Note] = (),
        *,
        references: References = NOTHING,
    ) -> None:
        self._batches = Batches(embed, batch)
        self._space_id = space_id
        self._new_id = new_id
        self._references = references
        self.judges = Judges(selection, cameras, space_id, policy_id, notes, references)
        self._tracks = {
            camera.id: Track(
                selection,
                camera,
                new_id,
                space_id,
                self.judges.of(camera.id),
                SceneNamer(references.classes) if references.classes else None,
            )
            for camera in cameras
        }
        self._uncertain = {
            camera.id: UncertainSelector(policy_id, selection.uncertain) for camera in cameras
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
        admissions = {pending.camera_id: self._admit(pending) for pending in batch}
        frames = [pending.frame for pending in batch if admissions[pending.camera_id].embedded]
        cuts = [(frame, self._tracks[frame.camera_id].regions(frame)) for frame in frames if frame]
        embeddings = embed_frames(cuts, self._batches)
        outcomes = [
            self._outcome(pending, admissions[pending.camera_id], embeddings, room=room)
            for pending in batch
        ]
        return [replace(outcome, conditions=self._conditions(outcome)) for outcome in outcomes]

    def capture(self, camera_id: str, request_id: str) -> bool:
        """Ask for the next frame of a camera, changed or not.

        Returns:
            False when a request of this id came before, of the latest 256.

        Raises:
            KeyError: there is no such camera.
        """
        return self._tracks[camera_id].judge.command.request(request_id)

    def doubts(self, outcome: Outcome) -> bool:
        """Whether detectors should look at a frame before it is given up."""
        observation, decision = outcome.observation, outcome.decision
        if observation is None or decision is None:
            return False
        return self._uncertain[outcome.camera_id].wants(observation, decision)

    def reconsider(self, outcome: Outcome, informativeness: float) -> Outcome:
        """Decide anew about a frame that was not kept, by what detectors found in it, 0…1.

        Returns:
            The outcome with the new decision; if it is kept now, with an id, and learnt as sent.
        """
        observation, decision = outcome.observation, outcome.decision
        if observation is None or decision is None:
            raise ValueError(f"{outcome.camera_id}: a frame that was not embedded has no doubts")
        selector, judge = self._uncertain[outcome.camera_id], self._tracks[outcome.camera_id].judge
        selector.looked(observation)
        later = judge.reconsider(observation, selector.decide(decision, informativeness))
        if not later.keep:
            return replace(outcome, decision=later)
        sample_id = self._new_id()
        judge.relearn(observation, later, sample_id)
        if outcome.embedded is not None:
            self._tracks[outcome.camera_id].keep(outcome.embedded, sample_id)
        return replace(
            outcome,
            decision=later,
            sample_id=sample_id,
            notes=self.judges.drain(),
            scene_label=self._name(observation),
        )

    def name(self, outcome: Outcome) -> str | None:
        """Give the zero-shot name of an embedded frame, kept or not; None without prototypes."""
        return None if outcome.observation is None else self._name(outcome.observation)

    def _conditions(self, outcome: Outcome) -> tuple[Condition, ...] | None:
        health = self._health.get(outcome.camera_id)
        return None if health is None or outcome.frame is None else health.look(outcome.frame)

    def _admit(self, pending: Pending) -> Admission:
        track = self._tracks[pending.camera_id]
        track.glimpse(pending)
        if pending.frame is None:
            return Admission(passed=False, draw=NOT_DRAWN)
        draw = self.judges.lotteries.draw(pending.frame)
        return Admission(track.passes(pending.frame), draw)

    def _outcome(
        self,
        pending: Pending,
        admission: Admission,
        embeddings: Mapping[str, Embeddings],
        *,
        room: bool,
    ) -> Outcome:
        track = self._tracks[pending.camera_id]
        found = embeddings.get(pending.camera_id)
        if pending.frame is None or found is None or isinstance(found.whole, str):
            return Outcome(
                camera_id=pending.camera_id,
                frame=pending.frame,
                gated=pending.frame is not None and found is None,
                scene_id=track.scene_id,
                draw=admission.draw,
                failure=found.whole if found and isinstance(found.whole, str) else None,
            )
        embedded = EmbeddedFrame(pending.frame, found.whole, self._space_id)
        seen = track.observe(embedded, found.parts, passed=admission.passed)
        return self._judged(track, embedded, *seen, admission.draw, room=room)

    def _judged(
        self,
        track: Track,
        embedded: EmbeddedFrame,
        observation: Observation,
        changes: tuple[SceneChange, ...],
        draw: Draw,
        *,
        room: bool,
    ) -> Outcome:
        track.judge.begin(observation, changes)
        decision = track.judge.decide(observation, draw)
        if not room:
            decision = _without_room(decision)
        sample_id = self._new_id() if decision.keep else None
        track.judge.learn(observation, decision, sample_id)
        if sample_id is not None:
            track.keep(embedded, sample_id)
        return Outcome(
            camera_id=embedded.frame.camera_id,
            frame=embedded.frame,
            gated=False,
            scene_id=track.scene_id,
            draw=draw,
            embedded=embedded,
            observation=observation,
            decision=decision,
            sample_id=sample_id,
            changes=changes,
            notes=self.judges.drain() if sample_id is not None else (),
            scene_label=self._name(observation) if sample_id is not None else None,
        )

    def _name(self, observation: Observation) -> str | None:
        classes = self._references.classes
        if classes is None:
            return None
        return UNKNOWN if observation.featureless else classes.classify(observation.embedding)


def _without_room(decision: Decision) -> Decision:
    """What becomes of a decision when nothing can be spooled: nothing had a chance."""
    chanceless = replace(decision, random_propensity=0.0, arm="policy")
    reason = Reason.OVER_BUDGET if decision.keep else decision.reason
    return stopped(chanceless, reason)
