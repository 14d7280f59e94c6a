"""The stages between selection and the disk: what is remembered is stored, and never too early."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.channel import Channel, FrameSlots, WhenFull
from gleancam.glean import Gleaner
from gleancam.inference import Harvest, Inference
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.spool.queue import Spool
from gleancam.spooler import ImagePolicy, Spooler
from gleancam.stage import Stage
from gleancam.types import Note, Notes, Sample
from made_panel import made_panel
from made_samples import CONTEXT
from memory_film import Film, gleaner
from waiting import wait_until

PLENTY = 10**9


class Rig:
    """The inference stage; its harvest is the test's."""

    def __init__(self, one: Gleaner) -> None:
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.slots = FrameSlots(["a", "b"])
        self.harvest: Channel[Harvest] = Channel("spooler", 1000, WhenFull.BLOCK)
        self.crashes: list[BaseException] = []
        labeller = Labeller(made_panel(), self.metrics, 5.0)
        inference = Inference(
            one,
            labeller,
            self.slots,
            self.harvest,
            self.metrics,
            5.0,
            lambda: False,
            lambda _camera, _conditions: None,
        )
        self.stage = Stage("inference", inference.run, lambda _, error: self.crashes.append(error))
        self.stage.start()

    def show(self, film: Film, seconds: range) -> None:
        for second in seconds:
            frame = film.pending(second).frame
            assert frame is not None
            self.slots.put(frame)
            wait_until(lambda: not self.slots.has_frame(), "the frame to be taken")

    def finish(self) -> list[Harvest]:
        self.slots.close()
        assert self.stage.join(20)
        assert self.crashes == []
        return self.harvest.drain()


def spooled(spool: Spool, items: list[Harvest]) -> None:
    inbox: Channel[Harvest] = Channel("harvest", len(items) + 1, WhenFull.BLOCK)
    spooler = Spooler(
        inbox,
        spool,
        lambda: CONTEXT,
        ImagePolicy(85, PLENTY),
        Metrics(CollectorRegistry()),
        lambda _why: None,
        lambda *_: None,
    )
    for item in items:
        inbox.put(item)
    inbox.close()
    crashes: list[BaseException] = []
    stage = Stage("spooler", spooler.run, lambda _, error: crashes.append(error))
    stage.start()
    assert stage.join(60)
    assert crashes == []


@contextmanager
def opened(folder: Path) -> Iterator[Spool]:
    with closing(Spool.open(folder / "spool.db", PLENTY, 0)) as spool:
        yield spool


def ids_noted(notes: tuple[Note, ...]) -> set[bytes]:
    """Sample ids of sent centres among rows: all test ids look alike."""
    return {
        content[18 : 18 + content[16]]
        for name, _, content in notes
        if content is not None and name.endswith("/centre") and content[16]
    }


def test_what_is_remembered_reaches_the_spool_and_comes_back(tmp_path: Path) -> None:
    film = Film(120)
    one = gleaner(film)
    rig = Rig(one)
    rig.show(film, range(60))
    items = rig.finish()
    with opened(tmp_path) as spool:
        spooled(spool, items)
    with opened(tmp_path) as spool:
        again = gleaner(film, [Note(*row) for row in spool.noted()])
    assert again.judges.memories.facts() == one.judges.memories.facts()
    label = {"memory": "camera/a", "sent": "true"}
    shown = rig.registry.get_sample_value("gleancam_memory_centres", label)
    assert shown == one.judges.memories.facts()[0].sent > 0


def test_a_frame_is_not_remembered_on_disk_before_its_sample() -> None:
    film = Film(120)
    rig = Rig(gleaner(film))
    rig.show(film, range(120))
    delivered: set[bytes] = set()
    items = rig.finish()
    assert any(isinstance(item, Notes) for item in items)
    for item in items:
        if isinstance(item, Sample):
            delivered.add(item.sample_id.encode())
        if isinstance(item, Sample | Notes):
            assert ids_noted(item.notes) <= delivered
    assert delivered


@pytest.mark.parametrize("cut", [0, 2, 5])
def test_a_sample_lost_on_the_way_is_not_remembered(tmp_path: Path, cut: int) -> None:
    film = Film(120)
    rig = Rig(gleaner(film))
    rig.show(film, range(100))
    items = rig.finish()
    at = [n for n, item in enumerate(items) if isinstance(item, Sample)][cut]
    with opened(tmp_path) as spool:
        spooled(spool, items[:at])
        noted = tuple(Note(*row) for row in spool.noted())
    lost = items[at]
    assert isinstance(lost, Sample)
    assert lost.sample_id.encode() not in ids_noted(noted)
