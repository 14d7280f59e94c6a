"""What a device knows of itself when it writes a sample or an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gleancam.wire.topics import Topics

ClockSynced: TypeAlias = Literal["true", "false", "corrected"]


@dataclass(frozen=True, slots=True)
class DeviceContext:
    """The part of a manifest that is the same for every sample of a run.

    Attributes:
        boot_id: changes with every boot; `mono_ns` compares only within one.
        clock_synced: whether UTC can be trusted; `corrected` when the sample was dated anew.
        strategy: how the models' boxes became labels; `single` for one detector.
        models: every configured detector's model id, whether it answered or not.
        historical: the frame is not live (imported or replayed footage).
    """

    topics: Topics
    boot_id: str
    clock_synced: ClockSynced
    strategy: str = "single"
    models: tuple[str, ...] = ()
    historical: bool = False
