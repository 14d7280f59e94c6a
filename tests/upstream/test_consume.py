"""The asynchronous consumer against a real broker and a device that says what it heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Literal

import pytest

import brokers
from gleancam.wire.error import WireError
from gleancam_upstream.broker import Broker
from gleancam_upstream.consume import consume
from gleancam_upstream.sample_stream import Sample, SampleStream
from gleancam_upstream.seen import Seen, SeenFile, SeenIds
from made_samples import made_event, made_parcel

Protocol = Literal["5", "3.1.1"]
both = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


def stream(port: int, seen: Seen | None = None, protocol: Protocol = "5", **more: Any) -> Any:
    more = {"consumer": "trainer", **more}
    broker = Broker("127.0.0.1", port, protocol=protocol)
    return consume(broker, site="depot", seen=SeenIds() if seen is None else seen, **more)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


@asynccontextmanager
async def remembering(folder: Path) -> AsyncIterator[SeenFile]:
    with closing(SeenFile(folder / "seen")) as seen:
        yield seen


async def online(samples: SampleStream) -> None:
    while not samples.online:  # noqa: ASYNC110 - the state is all there is to see
        await asyncio.sleep(0.01)


async def next_of(samples: SampleStream, count: int) -> list[Sample]:
    return [await anext(samples) for _ in range(count)]


@both
def test_samples_come_verified_and_are_answered(
    broker_port: int, device: Any, protocol: Protocol
) -> None:
    wanted, unwanted, event = made_parcel(1), made_parcel(2), made_event()
    events: list[str] = []

    async def test() -> None:
        async with stream(
            broker_port, protocol=protocol, on_event=lambda one: events.append(one.parcel_id)
        ) as samples:
            await online(samples)
            for parcel in (wanted, unwanted, event):
                await asyncio.to_thread(device.deliver, parcel)
            first, second = await next_of(samples, 2)
            assert (first.image, first.raw) == (wanted.image, wanted.data)
            await first.ack()
            await first.ack()
            await second.reject("no")
            await asyncio.to_thread(device.acknowledged, 3)

    run(test())
    assert sorted(device.acknowledged(3)) == sorted([wanted.parcel_id] * 2 + [event.parcel_id])
    assert device.rejected(1) == {unwanted.parcel_id: "no"}
    assert events == [event.parcel_id]


@both
def test_at_most_so_many_are_handed_out_and_the_rest_wait_at_the_broker(
    broker_port: int, device: Any, protocol: Protocol
) -> None:
    parcels = [made_parcel(number) for number in range(60)]

    async def test() -> None:
        async with stream(broker_port, protocol=protocol, at_most=4) as samples:
            await online(samples)
            for parcel in parcels:
                await asyncio.to_thread(device.deliver, parcel)
            got = await next_of(samples, 4)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(anext(samples), 0.5)
            assert samples.counts.messages["sample"] < 40
            while True:
                for sample in got:
                    await sample.ack()
                if samples.counts.acknowledged == len(parcels):
                    break
                got = [await anext(samples)]

    run(test())
    assert sorted(device.acknowledged(60)) == sorted(parcel.parcel_id for parcel in parcels)


def test_a_cancelled_wait_loses_nothing_and_a_cancelled_answer_is_given(
    broker_port: int, device: Any, tmp_path: Path
) -> None:
    parcel = made_parcel(1)

    async def test() -> None:
        async with remembering(tmp_path) as seen, stream(broker_port, seen) as samples:
            waiting = asyncio.ensure_future(anext(samples))
            await online(samples)
            waiting.cancel()
            await asyncio.to_thread(device.deliver, parcel)
            sample = await anext(samples)
            answering = asyncio.create_task(sample.ack())
            await asyncio.sleep(0)
            answering.cancel()
        assert answering.cancelled()

    run(test())
    assert device.acknowledged(1) == [parcel.parcel_id]
    assert (tmp_path / "seen").read_text() == f"{parcel.parcel_id}\n"


def test_a_process_that_starts_again_knows_what_is_safe(
    broker_port: int, device: Any, tmp_path: Path
) -> None:
    safe, unsafe = made_parcel(1), made_parcel(2)

    async def first() -> None:
        async with remembering(tmp_path) as seen, stream(broker_port, seen) as samples:
            await online(samples)
            for parcel in (safe, unsafe):
                await asyncio.to_thread(device.deliver, parcel)
            one, _ = await next_of(samples, 2)
            await one.ack()

    async def second() -> None:
        async with remembering(tmp_path) as seen, stream(broker_port, seen) as samples:
            await online(samples)  # an answer given sooner is not sent; the device asks again
            for parcel in (safe, unsafe):
                await asyncio.to_thread(device.deliver, parcel)
            sample = await anext(samples)
            assert sample.sample_id == unsafe.parcel_id
            await sample.ack()
            await asyncio.to_thread(device.acknowledged, 3)

    run(first())
    run(second())
    assert sorted(device.acknowledged(3)) == sorted([safe.parcel_id] * 2 + [unsafe.parcel_id])


def test_a_broker_that_comes_back_is_found_again(tmp_path: Path) -> None:
    mosquitto = brokers.Broker(tmp_path)
    mosquitto.start()

    async def test() -> None:
        async with stream(mosquitto.port) as samples:
            await online(samples)
            mosquitto.kill()
            while samples.online:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
            await asyncio.to_thread(mosquitto.start)
            await online(samples)

    try:
        run(test())
    finally:
        mosquitto.stop()


def test_consumers_split_the_load_by_camera(broker_port: int, device: Any) -> None:
    cameras = ("front", "back", "yard")
    parcels = {camera: made_parcel(number, camera=camera) for number, camera in enumerate(cameras)}

    async def test() -> None:
        async with (
            stream(broker_port, consumer="one", cameras=["gate-1/front"]) as one,
            stream(broker_port, consumer="two", cameras=["gate-1/back", "gate-2/*"]) as two,
        ):
            await online(one)
            await online(two)
            for parcel in parcels.values():
                await asyncio.to_thread(device.deliver, parcel)
            for samples, camera in ((one, "front"), (two, "back")):
                sample = await anext(samples)
                assert sample.data.camera == camera
                await sample.ack()
            await asyncio.to_thread(device.acknowledged, 2)
            assert one.counts.messages["sample"] == two.counts.messages["sample"] == 1

    run(test())
    wanted = {parcels["front"].parcel_id, parcels["back"].parcel_id}
    assert set(device.acknowledged(2)) == wanted


def test_a_session_forgets_the_cameras_of_an_earlier_run(broker_port: int, device: Any) -> None:
    async def everything() -> None:
        async with stream(broker_port) as samples:
            await online(samples)

    async def front() -> None:
        async with stream(broker_port, cameras=["*/front"]) as samples:
            await online(samples)
            for number, camera in enumerate(("back", "front")):
                await asyncio.to_thread(device.deliver, made_parcel(number, camera=camera))
            sample = await anext(samples)
            assert sample.data.camera == "front"
            assert samples.counts.messages["sample"] == 1

    run(everything())
    run(front())


@pytest.mark.parametrize("text", ["gate-1", "gate-1/", "+/north", "gate-1/no/rth", "Gate/#"])
def test_a_camera_filter_is_two_ids(text: str) -> None:
    with pytest.raises(WireError):
        stream(1883, cameras=[text])
