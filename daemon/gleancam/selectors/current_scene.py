"""The scene a camera shows: since when, and which sample stands for it."""

from __future__ import annotations

from gleancam.selectors.proposal import Moment
from gleancam.types import SceneRecord


class CurrentScene:
    """One scene while it lasts.

    Args of the constructor:
        since: its first picture; None before there is one.
    """

    def __init__(self, scene_id: str, since: Moment | None = None) -> None:
        self.scene_id = scene_id
        self._since = since
        self._kept: tuple[str, int] | None = None

    @property
    def since_ns(self) -> int:
        """Monotonic time of its first picture; 0 before there is one."""
        return 0 if self._since is None else self._since.mono_ns

    def see(self, moment: Moment) -> None:
        """Show a picture of it; only the very first begins a scene that has not begun."""
        if self._since is None:
            self._since = moment

    def keep(self, sample_id: str, mono_ns: int) -> None:
        """Say that a frame of this scene is kept: the first stands for it."""
        if self._kept is None:
            self._kept = sample_id, mono_ns

    def ended(self, at: Moment) -> SceneRecord | None:
        """What there was; None when nothing was seen.

        What was kept from `at` on bears this scene's id and shows no more of it.
        """
        since = self._since
        if since is None:
            return None
        stands = self._kept is not None and self._kept[1] < at.mono_ns
        return SceneRecord(
            scene_id=self.scene_id,
            started_ns=since.captured_ns,
            ended_ns=at.captured_ns,
            duration_s=max(at.mono_ns - since.mono_ns, 0) / 1e9,
            representative_id=self._kept[0] if stands and self._kept is not None else None,
        )
