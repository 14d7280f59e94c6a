"""From frames to what is kept of them, on the accelerator's thread."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec
from uuid6 import uuid7

from gleancam.cameras import CameraBoard
from gleancam.captures import Capture
from gleancam.channel import Channel, FrameSlots
from gleancam.conditions import Conditions
from gleancam.config.keys import Camera, Config
from gleancam.glean import Gleaner
from gleancam.inference import Harvest, Inference
from gleancam.labelling import Labeller, Panel
from gleancam.metrics import Metrics
from gleancam.models import LoadedModels
from gleancam.outcome import Outcome
from gleancam.parts.references import read_references
from gleancam.selectors.lotteries import seeded
from gleancam.selectors.references import References
from gleancam.settlements import Settled
from gleancam.types import Note

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Between:
    """What stands before the inference stage and behind it.

    Attributes:
        disk_full: whether the spooler can take nothing for the time being.
        noted: what an earlier process remembered.
        settled: takes what was spooled since the last time, and what it cost.
        captures: takes the requests for a picture since the last time.
        board: is told the conditions of the cameras.
        record: is called with every outcome.
    """

    slots: FrameSlots
    harvest: Channel[Harvest]
    disk_full: Callable[[], bool]
    board: CameraBoard
    noted: Iterable[tuple[str, int, bytes]] = ()
    settled: Callable[[], Iterable[Settled]] = tuple
    captures: Callable[[], Iterable[Capture]] = tuple
    record: Callable[[Outcome], None] | None = None


def make_inference(
    config: Config,
    cameras: Sequence[Camera],
    models: LoadedModels,
    panel: Panel,
    between: Between,
    metrics: Metrics,
) -> Inference:
    """Build the inference stage."""
    return Inference(
        _gleaner(config, cameras, models, [Note(*row) for row in between.noted]),
        Labeller(panel, metrics, config.models.label_deadline_s),
        between.slots,
        between.harvest,
        metrics,
        config.models.label_deadline_s,
        between.disk_full,
        Conditions(between.board, metrics).tell,
        settled=between.settled,
        captures=between.captures,
        record=between.record,
    )


def _gleaner(
    config: Config, cameras: Sequence[Camera], models: LoadedModels, notes: Sequence[Note]
) -> Gleaner:
    embedder = models.embedder
    references = read_references(config.selection, embedder.space_id)
    gleaner = Gleaner(
        seeded(config.selection, config.site, config.device),
        cameras,
        embedder.embed,
        embedder.space_id,
        lambda: str(uuid7()),
        policy_id(config, embedder.space_id, references),
        config.models.batch,
        notes,
        references=references,
    )
    if config.health.enabled:
        gleaner.watch_health(cameras)
    for report in gleaner.judges.reports:
        log.warning("%s", report)
    return gleaner


def policy_id(config: Config, space_id: str, references: References) -> str:
    """Name what decides: the same selection by the same prototypes has the same id.

    Labels decide where frames are kept because they are uncertain.
    """
    budgets = {camera.id: camera.budget for camera in config.cameras if camera.budget}
    parts: list[object] = [config.selection, budgets, space_id, references.digest]
    if config.selection.uncertain.enabled:
        parts += [config.labels, config.models.detectors]
    decisive = msgspec.json.encode(parts, order="deterministic")
    return hashlib.sha256(decisive).hexdigest()[:12]
