"""Everything selection remembers about one camera, all of it in one embedding space."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gleancam.config.keys import Camera
from gleancam.config.selection_keys import Selection
from gleancam.mask import thumbnail_cells
from gleancam.selectors.gate import ChangeGate
from gleancam.selectors.judge import Judge
from gleancam.selectors.observation import Observation, Observer
from gleancam.selectors.regions import RegionFinder
from gleancam.selectors.scene import SceneDetector
from gleancam.selectors.scene_name import SceneNamer
from gleancam.types import Box, EmbeddedFrame, EmbeddedPart, Frame, Pending, SceneChange
from gleancam_engines.errors import SpaceError


class Track:
    """One camera's gate, scene detector and judge, asked in that order for every frame.

    Another embedder, which has another space, needs a new track.

    Attributes:
        judge: decides about what `observe` gives.
    """

    def __init__(
        self,
        selection: Selection,
        camera: Camera,
        new_id: Callable[[], str],
        space_id: str,
        judge: Judge,
        namer: SceneNamer | None = None,
    ) -> None:
        self._camera = camera
        self._space_id = space_id
        self._looks_for_scenes = selection.scene.enabled
        blind = thumbnail_cells([part.polygon for part in (*camera.ignore, *camera.mask)])
        regions = selection.regions
        self._gate = ChangeGate(
            selection.gate, ~blind, regions.every_s if regions.enabled else None
        )
        self._regions = RegionFinder(regions, ~blind)
        self._observer = Observer(selection.gate.min_difference)
        self._scene = SceneDetector(selection.scene, camera.id, new_id)
        self._namer = namer
        self.judge = judge

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
        """Whether the policy wants `frame` embedded; if not, only the lottery may."""
        self._regions.look(frame.thumbnail)
        changed = self._gate.passes(frame.thumbnail)
        wanted = self.judge.opens_gate(frame.mono_ns)
        return changed or wanted or self._scene.open

    def regions(self, frame: Frame) -> list[Box]:
        """The parts of a frame that are to be embedded besides; mostly none."""
        return self._regions.find(frame.thumbnail, frame.planes.width / frame.planes.height)

    def observe(
        self, embedded: EmbeddedFrame, parts: Iterable[EmbeddedPart] = (), *, passed: bool = True
    ) -> tuple[Observation, tuple[SceneChange, ...]]:
        """Look at the next embedded frame: what is to be judged, and the changes it confirms.

        `passed` is what `passes` said of it.

        Raises:
            SpaceError: it is of another space than all that is remembered.
        """
        self._require_space(embedded)
        self._gate.embedded(embedded.frame.thumbnail)
        changes = self._scene.confirm(embedded) if self._looks_for_scenes else ()
        if changes:
            self._regions.reset()
        observation = self._observer.observe(embedded, parts, passed=passed)
        return observation, self._named(observation, changes)

    def keep(self, embedded: EmbeddedFrame, kept_id: str) -> None:
        """Take note of a kept frame: the first of a scene stands for it."""
        self._scene.keep(embedded, kept_id)

    def _named(
        self, observation: Observation, changes: tuple[SceneChange, ...]
    ) -> tuple[SceneChange, ...]:
        if self._namer is None:
            return changes
        self._namer.learn(observation)
        return tuple(self._namer.named(change) for change in changes)

    def _require_space(self, embedded: EmbeddedFrame) -> None:
        if embedded.space_id != self._space_id:
            raise SpaceError(
                f"{self._camera.id}: an embedding of space {embedded.space_id} cannot be compared "
                f"with what is remembered in space {self._space_id}; restart the daemon, which "
                "forgets it"
            )
