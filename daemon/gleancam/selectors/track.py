"""Everything selection remembers about one camera."""

from __future__ import annotations

from collections.abc import Callable

from gleancam.channel import Pending
from gleancam.config import Camera, Selection
from gleancam.types import Decision, EmbeddedFrame, Frame, Reason, SceneChange


class Track:
    """One camera's gate, scene detector and policy."""

    def __init__(
        self, selection: Selection, camera: Camera, new_id: Callable[[], str], policy_id: str
    ) -> None:
        self._selection = selection
        self._camera = camera
        self._policy_id = policy_id
        self.scene_id = new_id()

    def glimpse(self, pending: Pending) -> None:
        """Show the thumbnails of `pending` to the scene detector."""

    def passes(self, frame: Frame) -> bool:
        """Whether `frame` is to be embedded; False counts as gated."""
        return frame.mono_ns >= 0

    def confirm(self, embedded: EmbeddedFrame) -> tuple[SceneChange, ...]:
        """Scene changes that this embedding confirms."""
        del embedded
        return ()

    def decide(self, embedded: EmbeddedFrame) -> Decision:
        """Decide whether the frame is kept; changes nothing."""
        del embedded
        return Decision(
            keep=True, reason=Reason.NOVEL, score=2.0, threshold=0.2, policy_id=self._policy_id
        )

    def learn(self, embedded: EmbeddedFrame, kept_id: str | None) -> None:
        """Take note of an embedded frame and of whether it was kept."""
