"""What became of what a camera brought."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.condition import Condition
from gleancam.selectors.lottery import NOT_DRAWN, Draw
from gleancam.selectors.observation import Observation
from gleancam.types import (
    Decision,
    EmbeddedFrame,
    Frame,
    Note,
    Sample,
    SceneChange,
)
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.label import Label


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of one camera's `Pending`.

    Attributes:
        frame: the frame it held; None when only thumbnails came.
        gated: nothing had changed, so the frame was not embedded.
        draw: what the lottery said of the frame.
        scene_id: the scene the camera shows now.
        embedded: None when there was no frame, or it was gated or failed.
        observation: what was decided on: one for every embedded frame.
        decision: one for every embedded frame.
        sample_id: of a kept frame; None otherwise.
        changes: scene changes confirmed by this step.
        failure: why the frame could not be embedded; None when nothing was wrong.
        notes: of a kept frame: what is remembered since the last kept one, to be stored with it.
        conditions: what is odd about the camera's pictures; None when no frame was looked at.
        scene_label: of a kept frame: the zero-shot name of what it shows; None without prototypes.
    """

    camera_id: str
    frame: Frame | None
    gated: bool
    scene_id: str
    draw: Draw = NOT_DRAWN
    embedded: EmbeddedFrame | None = None
    observation: Observation | None = None
    decision: Decision | None = None
    sample_id: str | None = None
    changes: tuple[SceneChange, ...] = ()
    failure: str | None = None
    notes: tuple[Note, ...] = ()
    conditions: tuple[Condition, ...] | None = None
    scene_label: str | None = None

    def sample(self, labels: tuple[Label, ...] = (), evidence: tuple[Evidence, ...] = ()) -> Sample:
        """Put a kept frame together with what detectors say of it."""
        assert self.embedded is not None  # noqa: S101 - a kept frame has all three
        assert self.decision is not None  # noqa: S101 - as above
        assert self.sample_id is not None  # noqa: S101 - as above
        return Sample(
            self.sample_id,
            self.embedded,
            self.decision,
            self.scene_id,
            labels,
            evidence,
            self.notes,
            self.scene_label,
        )
