"""Scene changes of one camera: thumbnails propose, embeddings confirm."""

from __future__ import annotations

from collections.abc import Callable

from gleancam.config.keys import Scene
from gleancam.selectors.blackout import BlackoutProposer
from gleancam.selectors.confirm import FRAMES_AFTER, Confirmer
from gleancam.selectors.cut import CutProposer
from gleancam.selectors.displacement import is_displaced
from gleancam.selectors.dissolve import DissolveProposer
from gleancam.selectors.gap import GapDetector
from gleancam.selectors.luma import changed_share, correlation, is_blank
from gleancam.selectors.proposal import Proposal, Proposer, merged
from gleancam.types import EmbeddedFrame, SceneChange, Thumbnail

_SAME_STRUCTURE = 0.5
"""Correlation of two thumbnails above which they show the same place in another light."""
_CHANGED = 0.5
"""Share of cells that must change: whatever passes before a camera leaves more than that."""

_LEAST_FRAMES_AFTER = 2
"""Embeddings that decide a proposal when the next one comes early."""


class SceneDetector:
    """Cuts and gradual changes of one stream.

    Every thumbnail is shown to `look`, in order; every embedded frame to `confirm`. While a
    proposal is `open`, frames must be embedded even if nothing changes, so that it can be decided.
    A step of the light, a lamp, a fade of the same scene, a drift of exposure and a knock against
    the camera are no changes.
    """

    def __init__(self, settings: Scene, camera_id: str, new_id: Callable[[], str]) -> None:
        self._settings = settings
        self._camera_id = camera_id
        self._new_id = new_id
        self.scene_id = new_id()
        self._gap = GapDetector()
        self._since_ns = 0
        self._latest: Thumbnail | None = None
        self._found: list[SceneChange] = []
        self._proposal: Proposal | None = None
        self._confirmer = Confirmer()
        self._proposers = _proposers(settings)

    @property
    def open(self) -> bool:
        """Whether a proposal waits for embeddings."""
        return self._proposal is not None

    def look(self, thumbnail: Thumbnail) -> None:
        """Show the next thumbnail."""
        if self._gap.is_gap(thumbnail.mono_ns):
            self._discontinuity()
        if is_blank(thumbnail.luma):
            self._close()
        self._latest = thumbnail
        for proposer in self._proposers:
            proposal = proposer.propose(thumbnail)
            if proposal is not None:
                self._consider(proposal)

    def confirm(self, embedded: EmbeddedFrame) -> tuple[SceneChange, ...]:
        """Show the next embedded frame; the changes that are certain by now, mostly none."""
        self._confirmer.learn(embedded)
        if self._latest is not None and self._is_ripe(self._latest, FRAMES_AFTER):
            self._decide(self._latest)
        changes, self._found = tuple(self._found), []
        return changes

    def _consider(self, proposal: Proposal) -> None:
        """Open a proposal; a pending one is decided first, or merged if it is too young."""
        if proposal.before.mono_ns < self._since_ns:
            return
        if self._is_ripe(proposal.before, _LEAST_FRAMES_AFTER):
            self._decide(proposal.before)
        pending = self._proposal
        self._proposal = proposal if pending is None else merged(pending, proposal)

    def _close(self) -> None:
        """A blank picture ends what was open: across it the blackout proposer compares."""
        if self._latest is not None and self._is_ripe(self._latest, _LEAST_FRAMES_AFTER):
            self._decide(self._latest)
        self._proposal = None

    def _is_ripe(self, latest: Thumbnail, frames: int) -> bool:
        """Whether a new scene, if it is one, has lasted and was embedded often enough."""
        proposal = self._proposal
        if proposal is None or self._confirmer.frames_after(proposal) < frames:
            return False
        lasted_s = (latest.mono_ns - proposal.end.mono_ns) / 1e9
        return lasted_s >= self._settings.min_length_s

    def _decide(self, latest: Thumbnail) -> None:
        """Close the open proposal; `latest` shows the new scene."""
        proposal, self._proposal = self._proposal, None
        if proposal is None:
            return
        distance = self._confirmer.distance(proposal)
        if distance is None or distance < self._settings.threshold:
            return
        if not proposal.structural or _another_place(proposal.before, latest):
            self._found.append(self._change(proposal, distance))

    def _change(self, proposal: Proposal, distance: float) -> SceneChange:
        self.scene_id = self._new_id()
        self._since_ns = proposal.end.mono_ns
        return SceneChange(
            camera_id=self._camera_id,
            scene_id=self.scene_id,
            started_ns=proposal.start.captured_ns,
            ended_ns=proposal.end.captured_ns,
            distance=distance,
            threshold=self._settings.threshold,
            kind=proposal.kind.value,
        )

    def _discontinuity(self) -> None:
        """Nothing before a gap is compared with what comes after: it is a scene of its own."""
        self.scene_id = self._new_id()
        self._proposal = None
        self._confirmer = Confirmer()
        self._proposers = _proposers(self._settings)


def _proposers(settings: Scene) -> tuple[Proposer, ...]:
    return CutProposer(settings), BlackoutProposer(), DissolveProposer()


def _another_place(before: Thumbnail, after: Thumbnail) -> bool:
    if correlation(before.luma, after.luma) > _SAME_STRUCTURE:
        return False
    if changed_share(before.luma, after.luma) < _CHANGED:
        return False
    return not is_displaced(before.luma, after.luma)
