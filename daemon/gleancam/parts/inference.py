"""From frames to what is kept of them, on the accelerator's thread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from uuid6 import uuid7

from gleancam.channel import Channel, FrameSlots
from gleancam.config.keys import Camera, Config
from gleancam.glean import Gleaner
from gleancam.inference import Harvest, Inference
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.models import LoadedModels


@dataclass(frozen=True, slots=True)
class Between:
    """What stands before the inference stage and behind it.

    Attributes:
        disk_full: whether the spooler can take nothing for the time being.
    """

    slots: FrameSlots
    harvest: Channel[Harvest]
    disk_full: Callable[[], bool]


def make_inference(
    config: Config,
    cameras: Sequence[Camera],
    models: LoadedModels,
    between: Between,
    metrics: Metrics,
) -> Inference:
    """Build the inference stage."""
    return Inference(
        _gleaner(config, cameras, models),
        Labeller(models.detectors, config.models.confidence, metrics),
        between.slots,
        between.harvest,
        metrics,
        config.models.label_deadline_s,
        between.disk_full,
    )


def _gleaner(config: Config, cameras: Sequence[Camera], models: LoadedModels) -> Gleaner:
    embedder = models.embedder
    return Gleaner(
        config.selection,
        cameras,
        embedder.embed,
        embedder.space_id,
        lambda: str(uuid7()),
        _policy_id(config, embedder.space_id),
        config.models.batch,
    )


def _policy_id(config: Config, space_id: str) -> str:
    """Name what decides: the same selection in the same space has the same id."""
    decisive = msgspec.json.encode((config.selection, space_id), order="deterministic")
    return hashlib.sha256(decisive).hexdigest()[:12]
