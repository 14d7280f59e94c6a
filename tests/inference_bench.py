"""The inference stage with real channels, a made-up embedder and detector, and a slow spooler."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
from msgspec.structs import replace as changed
from prometheus_client import CollectorRegistry

from gleancam.batching import Embed
from gleancam.captures import Captures
from gleancam.channel import Channel, FrameSlots, WhenFull
from gleancam.condition import Condition
from gleancam.config.keys import TestCamera
from gleancam.config.selection_keys import Gate, Selection, Uncertain
from gleancam.errors import ChannelClosedError
from gleancam.glean import Gleaner
from gleancam.inference import Harvest, Inference
from gleancam.labelling import Labeller, Panel
from gleancam.metrics import Metrics
from gleancam.sources.fake import grey
from gleancam.stage import Stage
from gleancam.types import Frame
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.fake import fake_embedder
from gleancam_engines.planes import Float32Array, Planes
from made_panel import made_panel
from waiting import wait_until

CAMERA = TestCamera(id="a")
UNGATED = Selection(gate=Gate(enabled=False))


class Unsure(FakeDetector):
    """Sees a person of whom it is as unsure as can be, and counts its looks."""

    def __init__(self, score: float = 0.5) -> None:
        self.looks = 0
        self._score = score

    def detect(self, planes: Planes) -> Detections:
        self.looks += 1
        seen = super().detect(planes)
        return replace(seen, score=np.array([0.95, self._score], np.float32))


@dataclass
class Bench:
    disk_full: bool = False
    embed: Embed = field(default_factory=lambda: fake_embedder(64).embed)
    capacity: int = 8
    selection: Selection = UNGATED
    uncertain: Uncertain = field(default_factory=Uncertain)
    budget: str | None = None
    detectors: tuple[FakeDetector, ...] = (FakeDetector(),)
    panel: Panel | None = None
    crashes: list[BaseException] = field(default_factory=list)
    told: list[tuple[str, tuple[Condition, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.slots = FrameSlots([CAMERA.id])
        self.captures = Captures()
        self.harvest: Channel[Harvest] = Channel("spooler", self.capacity, WhenFull.BLOCK)
        ids = iter(range(10**6))
        gleaner = Gleaner(
            changed(self.selection, uncertain=self.uncertain, budget=self.budget),
            [CAMERA],
            self.embed,
            "space",
            lambda: f"id-{next(ids)}",
            "policy",
            8,
        )
        labeller = Labeller(self.panel or made_panel(*self.detectors), self.metrics, 5.0)
        inference = Inference(
            gleaner,
            labeller,
            self.slots,
            self.harvest,
            self.metrics,
            5.0,
            lambda: self.disk_full,
            lambda *told: self.told.append(told),
            captures=self.captures.take,
        )
        self.stage = Stage("inference", inference.run, lambda _, error: self.crashes.append(error))
        self.stage.start()
        self.shown = 0

    def show(self, count: int) -> None:
        """Show pictures that the made-up embedder finds unlike each other, one by one."""
        for _ in range(count):
            planes = grey(30 + self.shown % 200, (36, 64))
            planes.y[::2, :: self.shown % 7 + 2] = (self.shown * 37) % 200 + 20
            now = time.monotonic_ns()
            self.slots.put(Frame(CAMERA.id, self.shown, time.time_ns(), now, planes.read_only()))
            self.shown += 1
            wait_until(lambda: not self.slots.has_frame(), "the frame to be taken")

    def count(self, name: str, **labels: str) -> float:
        value = self.metrics.registry.get_sample_value(f"gleancam_{name}_total", labels)
        return value or 0.0

    def end(self) -> list[Harvest]:
        self.slots.close()
        items = []
        with suppress(ChannelClosedError):
            while (item := self.harvest.get(5.0)) is not None:
                items.append(item)
        assert self.stage.join(5.0)
        assert self.crashes == []
        return items


def kept(bench: Bench) -> float:
    return bench.count("frames_kept", camera=CAMERA.id, reason="novel")


def same(pictures: Sequence[Planes]) -> Float32Array:
    """Nothing but the first frame is new."""
    rows = np.zeros((len(pictures), 8), np.float32)
    rows[:, 0] = 1
    return rows


def doubted(bench: Bench, outcome: str) -> float:
    return bench.count("frames_doubted", camera=CAMERA.id, outcome=outcome)
