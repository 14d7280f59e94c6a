"""Everything selection remembers about one camera, all of it in one embedding space."""

from __future__ import annotations

from collections.abc import Callable

from gleancam.config.keys import Camera, Selection
from gleancam.mask import thumbnail_cells
from gleancam.selectors.arrival import ArrivalSelector
from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.gate import ChangeGate
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.past import Past
from gleancam.selectors.policy import Policy
from gleancam.selectors.scene import SceneDetector
from gleancam.types import Decision, EmbeddedFrame, Frame, Pending, SceneChange
from gleancam_engines.errors import SpaceError


class Track:
    """One camera's gate, scene detector and policy, asked in that order for every frame.

    Another embedder, which has another space, needs a new track.

    Args of the constructor:
        pasts: what its frames are compared with, its own first; cameras of a site may share one.
        ration: the score wanted of a frame, and what may be sent.
    """

    def __init__(
        self,
        selection: Selection,
        camera: Camera,
        new_id: Callable[[], str],
        policy_id: str,
        space_id: str,
        pasts: tuple[Past, ...],
        ration: Ration,
    ) -> None:
        self._camera = camera
        self._space_id = space_id
        self._looks_for_scenes = selection.scene.enabled
        blind = thumbnail_cells([part.polygon for part in (*camera.ignore, *camera.mask)])
        self._gate = ChangeGate(selection.gate, ~blind)
        self._scene = SceneDetector(selection.scene, camera.id, new_id)
        self._pasts = pasts
        self._ration = ration
        self._arrival = ArrivalSelector(policy_id, pasts[0])
        self._policy = Policy((self._arrival, NoveltySelector(policy_id, *pasts)))

    @property
    def scene_id(self) -> str:
        """The scene the camera shows."""
        return self._scene.scene_id

    def glimpse(self, pending: Pending) -> None:
        """Show the thumbnails of `pending` to the scene detector."""
        if not self._looks_for_scenes:
            return
        if self._camera.thumbnails == "decoded":
            for thumbnail in pending.thumbnails:
                self._scene.look(thumbnail)
        elif pending.frame is not None:
            self._scene.look(pending.frame.thumbnail)

    def passes(self, frame: Frame) -> bool:
        """Whether `frame` is to be embedded; False counts as gated."""
        changed = self._gate.passes(frame.thumbnail)
        return changed or self._scene.open

    def confirm(self, embedded: EmbeddedFrame) -> tuple[SceneChange, ...]:
        """Scene changes that this embedding confirms.

        Raises:
            SpaceError: it is of another space than all that is remembered.
        """
        self._require_space(embedded)
        changes = self._scene.confirm(embedded) if self._looks_for_scenes else ()
        self._arrival.arrive(changes)
        self._ration.advance(embedded)
        for past in self._pasts:
            past.want(self._ration.threshold)
        return changes

    def decide(self, embedded: EmbeddedFrame) -> Decision:
        """Decide whether the frame is kept; changes nothing."""
        decision = self._policy.decide(embedded)
        return self._ration.judge(decision, embedded.frame.captured_ns)

    def learn(self, embedded: EmbeddedFrame, score: float, kept_id: str | None) -> None:
        """Take note of an embedded frame, its decision's score, and whether it was kept."""
        self._ration.learn(score, kept_id)
        self._gate.embedded(embedded.frame.thumbnail)
        self._policy.learn(embedded, kept_id)
        if kept_id is not None:
            self._scene.keep(embedded, kept_id)

    def _require_space(self, embedded: EmbeddedFrame) -> None:
        if embedded.space_id != self._space_id:
            raise SpaceError(
                f"{self._camera.id}: an embedding of space {embedded.space_id} cannot be compared "
                f"with what is remembered in space {self._space_id}; restart the daemon, which "
                "forgets it"
            )
