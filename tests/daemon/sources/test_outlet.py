"""What a picture goes through between source and slot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from gleancam.cameras import CameraBoard
from gleancam.channel import THUMBNAILS_PER_SLOT, FrameSlots
from gleancam.config.keys import Camera, Polygon, TestCamera
from gleancam.errors import ChannelClosedError
from gleancam.metrics import Metrics
from gleancam.pause import Pause
from gleancam.sources.fake import grey
from gleancam.sources.outlet import CameraOutlet
from gleancam.stage import Pulse
from gleancam.types import Pending

LEFT_HALF = Polygon(name="door", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))


class Bench:
    def __init__(self, camera: Camera) -> None:
        self.registry = CollectorRegistry()
        self.slots = FrameSlots([camera.id])
        self.board = CameraBoard([camera.id])
        self.pause = Pause()
        self.outlet = CameraOutlet(
            camera, self.slots, Metrics(self.registry), self.board, self.pause
        )

    def count(self, name: str, **labels: str) -> float:
        labels = {"camera": "gate", **labels}
        return self.registry.get_sample_value(f"gleancam_{name}_total", labels) or 0

    def lost(self, reason: str) -> float:
        return self.count("frames_lost", reason=reason)

    def taken(self) -> Sequence[Pending]:
        return self.slots.take(0, Pulse())

    def taken_numbers(self) -> list[int]:
        return [pending.frame.seq for pending in self.taken() if pending.frame is not None]


def _camera(**keys: object) -> TestCamera:
    return TestCamera(id="gate", **keys)  # type: ignore[arg-type]


# What one step does: produce a picture, take one out of the sink, take the slot, pause or resume.
steps = st.lists(st.sampled_from("ppht!"), max_size=60)


@given(st.lists(steps, min_size=1, max_size=3))
def test_counts_are_conserved_whatever_the_order(runs: list[list[str]]) -> None:
    bench = Bench(_camera())
    taken = 0
    for run in runs:
        bench.outlet.begin()
        waiting = False
        seqs = []
        for step in run:
            if step == "p":
                bench.outlet.produced()
                waiting = True
            elif step == "h" and waiting:
                bench.outlet.picture(grey(50, (4, 4)), 1, 1)
                waiting = False
            elif step == "!":
                bench.pause.on = not bench.pause.on
            elif step == "t":
                seqs += bench.taken_numbers()
        bench.outlet.settle()
        seqs += bench.taken_numbers()
        taken += len(seqs)
        assert seqs == sorted(set(seqs))
    produced, pulled = bench.count("frames_produced"), bench.count("frames_pulled")
    assert produced == pulled + bench.lost("sink_overrun")
    assert pulled == taken + bench.lost("slot_overrun") + bench.lost("paused")


def test_while_paused_nothing_is_handed_on_and_the_camera_is_still_online() -> None:
    bench = Bench(_camera(thumbnails="decoded"))
    bench.pause.on = True
    bench.outlet.picture(grey(50, (4, 4)), 1, 1)
    bench.outlet.glimpse(grey(50, (64, 64)), 1, 1)
    assert bench.taken() == []
    assert bench.lost("paused") == 1
    assert bench.board.states()[0].state == "online"


def test_a_picture_that_comes_after_the_slots_have_closed_is_counted_as_stopped() -> None:
    bench = Bench(_camera())
    bench.outlet.produced()
    bench.outlet.picture(grey(50, (4, 4)), 1, 1)
    bench.slots.close()
    for _ in range(2):
        bench.outlet.produced()
        with pytest.raises(ChannelClosedError):
            bench.outlet.picture(grey(50, (4, 4)), 1, 1)
    bench.outlet.settle()
    taken = len(bench.taken_numbers())
    assert bench.count("frames_produced") == bench.count("frames_pulled") == 3
    assert bench.count("frames_pulled") == taken + bench.lost("stopped")
    assert bench.lost("stopped") == 2


def test_gaps_in_the_numbers_are_the_frames_lost() -> None:
    bench = Bench(_camera())
    for _ in range(10):
        bench.outlet.produced()
    bench.outlet.picture(grey(50, (4, 4)), 1, 1)
    (pending,) = bench.taken()
    assert pending.frame is not None
    assert pending.frame.seq == bench.lost("sink_overrun") == 7


def test_numbers_start_again_with_every_run() -> None:
    bench = Bench(_camera())
    for _ in range(2):
        bench.outlet.begin()
        bench.outlet.produced()
        bench.outlet.picture(grey(50, (4, 4)), 1, 1)
        bench.outlet.settle()
        (pending,) = bench.taken()
        assert pending.frame is not None
        assert pending.frame.seq == 0


def test_masks_are_burnt_in_before_anyone_sees_the_frame() -> None:
    bench = Bench(_camera(mask=(LEFT_HALF,)))
    bench.outlet.picture(grey(200, (40, 64)), 5, 6)
    (pending,) = bench.taken()
    frame = pending.frame
    assert frame is not None
    assert (frame.planes.y[:, :32] == 16).all()
    assert (frame.planes.y[:, 34:] == 200).all()
    assert not frame.planes.y.flags.writeable
    assert [(each.name, each.polygon) for each in frame.redactions] == [("door", LEFT_HALF.polygon)]
    assert (frame.captured_ns, frame.mono_ns) == (5, 6)


def test_masks_follow_a_change_of_resolution() -> None:
    bench = Bench(_camera(mask=(LEFT_HALF,)))
    for size in ((40, 64), (81, 33), (40, 64)):
        bench.outlet.picture(grey(200, size), 1, 1)
        (pending,) = bench.taken()
        assert pending.frame is not None
        assert (pending.frame.planes.y[:, : size[1] // 2] == 16).all()


def test_glimpses_are_masked_thumbnails_of_borrowed_views() -> None:
    bench = Bench(_camera(thumbnails="decoded", mask=(LEFT_HALF,)))
    planes = grey(200, (72, 128)).read_only()
    bench.outlet.glimpse(planes, 5, 6)
    bench.outlet.picture(grey(200, (72, 128)), 5, 6)
    (pending,) = bench.taken()
    (thumbnail,) = pending.thumbnails
    assert (thumbnail.luma[:, :32] == 16).all()
    assert (thumbnail.luma[:, 34:] == 200).all()
    assert not thumbnail.luma.flags.writeable
    assert (planes.y == 200).all(), "a borrowed view was written to"


def test_glimpses_are_not_kept_when_only_samples_are_looked_at() -> None:
    bench = Bench(_camera())
    bench.outlet.glimpse(grey(200, (72, 128)), 5, 6)
    assert bench.taken() == []


def test_thumbnails_that_fall_out_are_counted() -> None:
    bench = Bench(_camera(thumbnails="decoded"))
    for _ in range(THUMBNAILS_PER_SLOT + 3):
        bench.outlet.glimpse(grey(200, (72, 128)), 5, 6)
    bench.outlet.missed_glimpse()
    assert bench.count("thumbnails_lost") == 4


def test_a_picture_puts_the_camera_online() -> None:
    bench = Bench(_camera())
    bench.outlet.picture(grey(50, (4, 4)), 123, 1)
    (state,) = bench.board.states()
    assert (state.state, state.last_frame_ns) == ("online", 123)
    up = bench.registry.get_sample_value("gleancam_camera_up", {"camera": "gate"})
    assert np.isclose(up or 0, 1)
