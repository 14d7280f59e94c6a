"""What a device knows of itself when it writes a sample or an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gleancam.wire.ensemble_data import NOBODY, EnsembleData
from gleancam.wire.topics import Topics

Images: TypeAlias = Literal["topic", "held"]
"""How pictures go: with their manifest, or when somebody asks for them."""

ClockSynced: TypeAlias = Literal["true", "false", "corrected"]


@dataclass(frozen=True, slots=True)
class DeviceContext:
    """The part of a manifest that is the same for every sample of a run.

    Attributes:
        boot_id: changes with every boot; `mono_ns` compares only within one.
        clock_synced: whether UTC can be trusted; `corrected` when the sample was dated anew.
        ensemble: how members' boxes become labels, where all answer.
        historical: the frame is not live (imported or replayed footage).
        images: how their pictures go.
    """

    topics: Topics
    boot_id: str
    clock_synced: ClockSynced
    ensemble: EnsembleData = NOBODY
    historical: bool = False
    images: Images = "topic"
