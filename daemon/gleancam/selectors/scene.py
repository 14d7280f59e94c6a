"""Scene changes of one camera: thumbnails propose, embeddings confirm."""

from __future__ import annotations

from collections.abc import Callable

from gleancam.config.selection_keys import Scene
from gleancam.selectors.blackout import BlackoutProposer
from gleancam.selectors.confirm import FRAMES_AFTER, Confirmer
from gleancam.selectors.current_scene import CurrentScene
from gleancam.selectors.cut import CutProposer
from gleancam.selectors.gap import GapDetector
from gleancam.selectors.lagged import LaggedProposer
from gleancam.selectors.luma import difference, is_blank
from gleancam.selectors.place import is_another_place
from gleancam.selectors.proposal import Moment, Proposal, Proposer, merged
from gleancam.types import DISCONTINUITY, EmbeddedFrame, SceneChange, SceneRecord, Thumbnail
from gleancam_engines.planes import Float32Array

_LEAST_FRAMES_AFTER = 2
"""Embeddings that decide a proposal when the next one comes early."""
_MOST = 0.4
"""Share of the whole difference that a cut makes in one step; a dissolve makes less."""


class SceneDetector:
    """Cuts and gradual changes of one stream.

    Every thumbnail is shown to `look`, in order; every embedded frame to `confirm`, and those that
    were kept to `keep`. While it is `open`, frames must be embedded even if nothing changes, so
    that it can decide. A step of the light, a lamp, a fade of the same scene, a drift of exposure
    and a knock against the camera are no changes.
    """

    def __init__(self, settings: Scene, camera_id: str, new_id: Callable[[], str]) -> None:
        self._settings = settings
        self._camera_id = camera_id
        self._new_id = new_id
        self._scene = CurrentScene(new_id())
        self._gap = GapDetector()
        self._latest: Thumbnail | None = None
        self._found: list[SceneChange] = []
        self._proposal: Proposal | None = None
        self._confirmer = Confirmer()
        self._lagged = LaggedProposer(settings.threshold)
        self._proposers = _proposers(settings)

    @property
    def scene_id(self) -> str:
        """The scene that is shown."""
        return self._scene.scene_id

    @property
    def open(self) -> bool:
        """Whether embeddings are waited for."""
        return self._proposal is not None or self._lagged.watching or bool(self._found)

    def look(self, thumbnail: Thumbnail) -> None:
        """Show the next thumbnail."""
        if self._gap.is_gap(thumbnail.mono_ns):
            self._discontinuity(thumbnail)
        self._scene.see(Moment.of(thumbnail))
        blank = is_blank(thumbnail.luma)
        if blank and self._latest is not None:
            # Across it the blackout proposer compares.
            self._close(Moment.of(self._latest), self._latest.luma)
            self._proposal = None
        self._latest = thumbnail
        self._lagged.look(thumbnail)
        for proposer in self._proposers:
            proposal = proposer.propose(thumbnail, blank=blank)
            if proposal is not None:
                self._consider(proposal)

    def confirm(self, embedded: EmbeddedFrame) -> tuple[SceneChange, ...]:
        """Show the next embedded frame; the changes that are certain by now, mostly none."""
        self._confirmer.learn(embedded)
        if self._proposal is None:
            now_ns = embedded.frame.mono_ns
            moved = self._confirmer.moved
            self._proposal = self._lagged.propose(now_ns, self._scene.since_ns, moved)
        if self._latest is not None and self._is_ripe(self._latest.mono_ns, FRAMES_AFTER):
            self._decide(self._latest.luma)
        changes, self._found = tuple(self._found), []
        return changes

    def keep(self, embedded: EmbeddedFrame, sample_id: str) -> None:
        """Say that an embedded frame is kept as this sample."""
        self._scene.keep(sample_id, embedded.frame.mono_ns)

    def _consider(self, proposal: Proposal) -> None:
        """Open a proposal; a pending one is decided first, or merged if it is too young."""
        if proposal.before.mono_ns < self._scene.since_ns:
            return
        if proposal.old is not None:
            self._close(proposal.before, proposal.old)
        pending = self._proposal
        self._proposal = proposal if pending is None else merged(pending, proposal)

    def _close(self, at: Moment, shown: Float32Array) -> None:
        """Decide what is open early, if it can be: something else comes."""
        if self._is_ripe(at.mono_ns, _LEAST_FRAMES_AFTER):
            self._decide(shown)

    def _is_ripe(self, mono_ns: int, frames: int) -> bool:
        """Whether a new scene, if it is one, has lasted and was embedded often enough."""
        proposal = self._proposal
        if proposal is None or self._confirmer.frames_since(proposal.end.mono_ns) < frames:
            return False
        lasted_s = (mono_ns - proposal.end.mono_ns) / 1e9
        return lasted_s >= self._settings.min_length_s

    def _decide(self, shown: Float32Array) -> None:
        """Close the open proposal; `shown` is a thumbnail of the new scene."""
        proposal, self._proposal = self._proposal, None
        if proposal is None:
            return
        distance = self._confirmer.distance(proposal.before.mono_ns, proposal.end.mono_ns)
        least = max(proposal.least_distance, self._settings.threshold)
        if distance is None or distance < least:
            return
        if _is_change(proposal, shown, distance):
            self._change(proposal, distance)

    def _change(self, proposal: Proposal, distance: float) -> None:
        ended = self._begin(proposal.start, proposal.end)
        self._found.append(
            SceneChange(
                camera_id=self._camera_id,
                scene_id=self.scene_id,
                started_ns=proposal.start.captured_ns,
                ended_ns=proposal.end.captured_ns,
                distance=distance,
                threshold=self._settings.threshold,
                kind=proposal.kind.value,
                ended_scene=ended,
            )
        )

    def _discontinuity(self, thumbnail: Thumbnail) -> None:
        """Nothing before a gap is compared with what comes after: it is a scene of its own."""
        if self._latest is None:
            return
        ended = self._begin(Moment.of(self._latest), Moment.of(thumbnail))
        self._found.append(
            SceneChange(
                camera_id=self._camera_id,
                scene_id=self.scene_id,
                started_ns=thumbnail.captured_ns,
                ended_ns=thumbnail.captured_ns,
                distance=None,
                threshold=self._settings.threshold,
                kind=DISCONTINUITY,
                ended_scene=ended,
            )
        )
        self._forget()

    def _begin(self, end: Moment, start: Moment) -> SceneRecord | None:
        """The next scene; what was known of the one that ended."""
        ended = self._scene.ended(end)
        self._scene = CurrentScene(self._new_id(), start)
        return ended

    def _forget(self) -> None:
        self._proposal = None
        self._confirmer = Confirmer()
        self._lagged = LaggedProposer(self._settings.threshold)
        self._proposers = _proposers(self._settings)


def _proposers(settings: Scene) -> tuple[Proposer, ...]:
    return CutProposer(settings), BlackoutProposer()


def _is_change(proposal: Proposal, shown: Float32Array, distance: float) -> bool:
    if proposal.old is None:
        return True
    if proposal.difference < _MOST * difference(proposal.old, shown):
        return False
    return is_another_place(proposal.old, shown, distance)
