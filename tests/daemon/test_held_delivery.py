"""What delivery does about pictures that are held, besides sending them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.delivery.actions import Await, Free, Shrink
from gleancam.delivery.dispatch import AROUND_BYTES, Dispatch, Route
from gleancam.delivery.fetching import Fetching
from gleancam.delivery.settlement import Settlement
from gleancam.delivery.state import DeliveryState, Policy
from gleancam.metrics import Metrics
from gleancam.sinks.base import Connected, Limits
from gleancam.sinks.fake import FakeSink
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command
from gleancam.wire.picture import picture_id
from gleancam.wire.sample import sample_data, sample_parcel
from made_samples import CONTEXT, TOPICS, made_image, made_sample

PARCEL = sample_parcel(made_sample(1), made_image(1), replace(CONTEXT, images="held"))
NAME = PARCEL.parcel_id
FETCH = Command("fetch-sample", "a", samples=(NAME,))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0)) as spool:
        spool.add(PARCEL)
        yield spool


@pytest.fixture
def settlement(spool: Spool) -> Settlement:
    return Settlement(spool, Policy("ingest", 10**9), Metrics(CollectorRegistry()))


def test_a_picture_can_be_fetched_right_after_its_manifest_was_acknowledged(
    spool: Spool, settlement: Settlement
) -> None:
    fetching = Fetching(spool, settlement.perform)
    early = fetching.fetch(FETCH)
    assert (early.outcome, early.missing) == ("refused", (NAME,))
    settlement.add((Free((NAME,)),))
    assert fetching.fetch(FETCH).outcome == "done", "the acknowledgement is settled first"


def test_late_word_of_the_manifest_does_not_touch_the_picture(
    spool: Spool, settlement: Settlement
) -> None:
    settlement.add((Free((NAME,)), Await((NAME,)), Free((NAME,))))
    assert Fetching(spool, settlement.perform).fetch(FETCH).outcome == "done"
    spool.claim(1, 0)
    settlement.add((Await((NAME,)), Free((NAME,)), Shrink(NAME, 1)))
    settlement.perform()
    (row,) = spool.rows(9)
    assert (row.parcel_id, row.state.value) == (picture_id(NAME), "inflight")


def test_what_its_manifest_tells_of_is_never_made_smaller(
    spool: Spool, settlement: Settlement
) -> None:
    settlement.add((Free((NAME,)),))
    Fetching(spool, settlement.perform).fetch(FETCH)
    spool.claim(1, 0)
    settlement.add((Shrink(picture_id(NAME), 10),))
    settlement.perform()
    (row,) = spool.rows(9)
    assert row.state.value == "dead"
    assert "10 bytes" in row.why


def test_a_held_picture_is_made_as_small_as_the_broker_wants_before_its_manifest_goes_out(
    spool: Spool, settlement: Settlement
) -> None:
    sink, state = FakeSink(), DeliveryState(Policy("ingest", 10**9))
    sink.connect()
    assert PARCEL.image is not None
    largest = len(PARCEL.image) - 1
    state.receive(Connected(Limits(20, largest + AROUND_BYTES), 1), 0)
    route = Route(TOPICS, mqtt5=True, image_limit_bytes=10**9)
    dispatch = Dispatch(sink, route, state, settlement, Metrics(CollectorRegistry()), None)

    def stored_bytes() -> int:
        parcel = spool.get(NAME)
        assert parcel is not None
        assert parcel.image is not None
        assert sample_data(parcel.data).image.bytes == len(parcel.image)
        return len(parcel.image)

    dispatch.send(deque(spool.claim(1, 0)), again=False)
    smaller = stored_bytes()
    assert smaller <= largest
    spool.reset_in_flight()
    state.receive(Connected(Limits(20, smaller - 1 + AROUND_BYTES), 2), 0)
    dispatch.send(deque(spool.claim(1, 0)), again=False)
    assert sink.sent == [NAME, NAME]
    assert stored_bytes() == smaller, "somebody may have its hash by now"
