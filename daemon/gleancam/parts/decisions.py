"""The decision log: what hands over, what waits, what writes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from uuid6 import uuid7

from gleancam.channel import Channel, WhenFull
from gleancam.config.keys import Config
from gleancam.decisions.epoch import Epoch, encode, logged_cameras, raw
from gleancam.decisions.record import Logged
from gleancam.decisions.recorder import DecisionRecorder
from gleancam.decisions.ring import Ring
from gleancam.decisions.writer import DecisionWriter
from gleancam.device import boot_id
from gleancam.metrics import Metrics
from gleancam.parts.inference import policy_id
from gleancam.selectors.lotteries import seeded
from gleancam.selectors.references import References

CAPACITY = 256
"""Records that may wait: half a megabyte, a second of the largest site."""


@dataclass(frozen=True, slots=True)
class DecisionLog:
    """The parts of a decision log, from the inference stage to the disk."""

    recorder: DecisionRecorder
    channel: Channel[Logged]
    writer: DecisionWriter


def make_decision_log(
    config: Config,
    space_id: str,
    references: References,
    noted: Sequence[tuple[str, int, bytes]],
    metrics: Metrics,
) -> DecisionLog | None:
    """Build the decision log; None when it is turned off.

    `noted` is what an earlier process remembered.
    """
    if not config.decisions.enabled:
        return None
    began_ns, run_id = time.time_ns(), str(uuid7())
    remembered = _remembered(space_id, noted)

    def open_ring(dimension: int) -> Ring:
        epoch = Epoch(
            run_id=run_id,
            boot_id=boot_id(),
            began_ns=began_ns,
            site=config.site,
            device=config.device,
            embedder=config.models.embedder,
            space_id=space_id,
            dimension=dimension,
            policy_id=policy_id(config, space_id, references),
            remembered=remembered,
            cameras=logged_cameras(config.cameras),
            # As it draws here: the lottery's seed is made of site and device.
            selection=raw(seeded(config.selection, config.site, config.device)),
            version=version("gleancam"),
        )
        return Ring(decisions_folder(config), config.decisions.max_bytes, encode(epoch))

    channel: Channel[Logged] = Channel("decisions", CAPACITY, WhenFull.REFUSE)
    writer = DecisionWriter(channel, open_ring, metrics)
    return DecisionLog(DecisionRecorder(channel, metrics), channel, writer)


def decisions_folder(config: Config) -> Path:
    """Where the log lies."""
    named = config.decisions.path
    return Path(named) if named else Path(config.spool.path).with_name("decisions")


def _remembered(space_id: str, noted: Sequence[tuple[str, int, bytes]]) -> int:
    """How many centres an earlier process left."""
    ending = f"/{space_id}/centre"
    return sum(name.startswith("memory/") and name.endswith(ending) for name, _, _ in noted)
