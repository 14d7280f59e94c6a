"""Channels are bounded and first-in, first-out; slots keep the latest frame of each camera."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.channel import THUMBNAILS_PER_SLOT, Channel, FrameSlots, WhenFull
from gleancam.errors import ChannelClosedError
from gleancam.stage import Pulse
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam.types import Frame, Thumbnail
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes

PATIENCE_S = 10.0


def frame(camera_id: str = "a", seq: int = 0) -> Frame:
    planes = Planes(
        np.zeros((2, 2), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.zeros((1, 1), np.uint8),
        JPEG_COLORIMETRY,
    )
    return Frame(camera_id, seq, 0, 0, planes)


def thumbnail(camera_id: str = "a", mono_ns: int = 0) -> Thumbnail:
    return Thumbnail(camera_id, 0, mono_ns, np.zeros(THUMBNAIL_SHAPE, np.float32))


def in_thread(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_what_is_left_is_taken_at_once_also_from_a_closed_channel() -> None:
    channel: Channel[int] = Channel("c", 3, WhenFull.BLOCK)
    channel.put(1)
    channel.put(2)
    channel.close()
    assert channel.drain() == [1, 2]
    assert (len(channel), channel.drain()) == (0, [])


@given(st.lists(st.integers(), max_size=20), st.integers(1, 5))
def test_order_is_kept_and_the_bound_holds(items: list[int], capacity: int) -> None:
    channel: Channel[int] = Channel("c", capacity, WhenFull.REFUSE)

    taken = [item for item in items if channel.put(item)]

    assert taken == items[:capacity]
    assert len(channel) == len(taken) <= capacity
    assert [channel.get(0) for _ in taken] == taken
    assert channel.get(0) is None


def test_a_full_blocking_channel_waits_until_there_is_room() -> None:
    channel: Channel[int] = Channel("c", 1, WhenFull.BLOCK)
    channel.put(1)
    pulse = Pulse()
    putting = in_thread(lambda: channel.put(2, pulse))
    while pulse.waiting_on is None:
        assert putting.is_alive()

    assert pulse.waiting_on == "c"
    assert channel.get() == 1
    assert channel.get(PATIENCE_S) == 2
    putting.join(PATIENCE_S)
    assert pulse.waiting_on is None


def test_closing_wakes_who_waits_to_put() -> None:
    channel: Channel[int] = Channel("c", 1, WhenFull.BLOCK)
    channel.put(1)
    raised = threading.Event()

    def put() -> None:
        with pytest.raises(ChannelClosedError):
            channel.put(2)
        raised.set()

    putting = in_thread(put)
    channel.close()

    assert raised.wait(PATIENCE_S)
    putting.join(PATIENCE_S)


def test_what_is_in_a_closed_channel_can_still_be_taken() -> None:
    channel: Channel[int] = Channel("c", 2, WhenFull.BLOCK)
    channel.put(1)
    channel.close()

    assert channel.get() == 1
    with pytest.raises(ChannelClosedError):
        channel.get()
    with pytest.raises(ChannelClosedError):
        channel.put(2)


def test_closing_wakes_who_waits_to_get() -> None:
    channel: Channel[int] = Channel("c", 1, WhenFull.BLOCK)
    raised = threading.Event()

    def get() -> None:
        with pytest.raises(ChannelClosedError):
            channel.get()
        raised.set()

    getting = in_thread(get)
    channel.close()

    assert raised.wait(PATIENCE_S)
    getting.join(PATIENCE_S)


@given(st.lists(st.sampled_from("ab"), max_size=30))
def test_the_latest_frame_wins_and_every_other_is_an_overrun(cameras: list[str]) -> None:
    slots = FrameSlots(["a", "b"])

    overruns = sum(slots.put(frame(camera, seq)) for seq, camera in enumerate(cameras))
    batch = {
        pending.camera_id: pending.frame.seq
        for pending in slots.take(0, Pulse())
        if pending.frame is not None
    }

    assert overruns + len(batch) == len(cameras)
    assert batch == {camera: seq for seq, camera in enumerate(cameras)}
    assert slots.take(0, Pulse()) == []


def test_thumbnails_wait_in_order_up_to_a_bound() -> None:
    slots = FrameSlots(["a"])

    lost = [slots.put_thumbnail(thumbnail(mono_ns=n)) for n in range(THUMBNAILS_PER_SLOT + 2)]

    assert lost == [False] * THUMBNAILS_PER_SLOT + [True, True]
    (pending,) = slots.take(0, Pulse())
    assert pending.frame is None
    assert [each.mono_ns for each in pending.thumbnails] == list(range(2, THUMBNAILS_PER_SLOT + 2))


def test_a_frame_wakes_who_waits() -> None:
    slots = FrameSlots(["a"])
    pulse = Pulse()
    batches: list[object] = []
    taking = in_thread(lambda: batches.extend(slots.take(PATIENCE_S, pulse)))
    while pulse.waiting_on is None:
        assert taking.is_alive()

    slots.put(frame())
    taking.join(PATIENCE_S)

    assert len(batches) == 1
    assert not slots.has_frame()


def test_closed_slots_take_nothing_and_give_what_they_have() -> None:
    slots = FrameSlots(["a"])
    slots.put(frame())
    slots.close()

    with pytest.raises(ChannelClosedError):
        slots.put(frame())
    with pytest.raises(ChannelClosedError):
        slots.put_thumbnail(thumbnail())
    assert len(slots.take(0, Pulse())) == 1
    with pytest.raises(ChannelClosedError):
        slots.take(0, Pulse())
