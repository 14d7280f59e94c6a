"""Hostile and broken messages: each is counted and answered, none raises."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.wire.message import Message
from gleancam.wire.parcel import messages
from gleancam.wire.picture import picture_id
from gleancam.wire.sample import sample_parcel
from gleancam_upstream.arrivals import (
    Arrival,
    Duplicate,
    Invalid,
    PictureArrived,
    SampleArrived,
    StatusArrived,
)
from gleancam_upstream.counts import Counts
from gleancam_upstream.intake import Intake
from gleancam_upstream.lines import event_line
from gleancam_upstream.received import Received
from gleancam_upstream.seen import SeenIds
from made_samples import CONTEXT, TOPICS, made_image, made_parcel, made_sample

PARCEL = made_parcel(1)
IMAGE, MANIFEST = messages(PARCEL, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
DOCUMENT: dict[str, Any] = json.loads(PARCEL.data)


def take(intake: Intake, topic: str, payload: bytes, properties: Any = ()) -> list[Arrival]:
    return list(intake.take(Received(topic, payload, tuple(properties), 1)))


def fresh(*seen: str) -> tuple[Intake, Counts]:
    counts = Counts()
    return Intake(SeenIds(seen), counts), counts


topics = st.sampled_from(
    [
        *(TOPICS.status, TOPICS.info, TOPICS.ack, TOPICS.sample("front"), TOPICS.event("front")),
        *(TOPICS.camera_status("front"), IMAGE.topic, "no", "gleancam/v1/a/b/cam/../image/x"),
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
spoiled = st.tuples(st.sampled_from(sorted(DOCUMENT)), values).map(
    lambda change: json.dumps({**DOCUMENT, change[0]: change[1]}).encode()
)


@given(topics, st.binary(max_size=200) | spoiled | values.map(lambda one: json.dumps(one).encode()))
def test_any_message_is_counted_and_none_raises(topic: str, payload: bytes) -> None:
    intake, counts = fresh()
    take(intake, topic, payload)
    assert counts.messages.total() == 1


@given(st.sampled_from(["image", "embedding", "selection", "frame", "scene"]), values, st.data())
def test_any_field_may_be_wrong(block: str, value: Any, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(DOCUMENT[block])))
    document = {**DOCUMENT, block: {**DOCUMENT[block], field: value}}
    intake, counts = fresh()
    take(intake, IMAGE.topic, IMAGE.payload)
    arrivals = take(intake, MANIFEST.topic, json.dumps(document).encode())
    assert counts.failed == any(isinstance(one, Invalid) for one in arrivals)


@given(st.permutations([IMAGE, IMAGE, MANIFEST, MANIFEST]))
def test_any_order_gives_the_sample_once(order: list[Any]) -> None:
    intake, counts = fresh()
    arrivals = [
        arrival
        for message in order
        for arrival in take(intake, message.topic, message.payload, message.user_properties)
    ]
    assert [type(one) for one in arrivals] == [SampleArrived]
    assert not counts.failed


def test_what_is_safe_is_a_duplicate_and_its_image_is_not_kept() -> None:
    intake, counts = fresh(PARCEL.parcel_id)
    assert take(intake, IMAGE.topic, IMAGE.payload) == []
    (arrival,) = take(intake, MANIFEST.topic, MANIFEST.payload, MANIFEST.user_properties)
    assert isinstance(arrival, Duplicate)
    assert (counts.waiting_images, counts.waiting_manifests) == (0, 0)


def test_an_image_of_another_device_is_not_taken() -> None:
    intake, _ = fresh()
    elsewhere = IMAGE.topic.replace("/gate-1/", "/gate-2/")
    assert take(intake, elsewhere, IMAGE.payload) == []
    assert take(intake, MANIFEST.topic, MANIFEST.payload, MANIFEST.user_properties) == []


def test_an_envelope_of_another_kind_is_refused() -> None:
    for change in (("id", "other"), ("type", "gleancam.event.v1"), ("specversion", "2.0")):
        properties = {**dict(MANIFEST.user_properties), change[0]: change[1]}
        intake, _ = fresh()
        (arrival,) = take(intake, MANIFEST.topic, MANIFEST.payload, properties.items())
        assert isinstance(arrival, Invalid)
        assert change[1] in arrival.why


@pytest.mark.timeout(30)
def test_a_manifest_made_to_annoy_a_validator_is_refused() -> None:
    """A validator that collects every error takes minutes for it; this takes milliseconds."""
    intake, _ = fresh()
    (arrival,) = take(
        intake, MANIFEST.topic, json.dumps({**DOCUMENT, "labels": [1] * 2_000_000}).encode()
    )
    assert isinstance(arrival, Invalid)


def test_a_picture_that_would_fill_the_memory_is_not_taken() -> None:
    image = {**DOCUMENT["image"], "width": 65_535, "height": 65_535}
    intake, _ = fresh()
    take(intake, IMAGE.topic, IMAGE.payload)
    (arrival,) = take(intake, MANIFEST.topic, json.dumps({**DOCUMENT, "image": image}).encode())
    assert isinstance(arrival, Invalid)
    assert "pixels" in arrival.why


def test_manifests_without_pictures_do_not_fill_the_memory() -> None:
    intake, counts = fresh()
    for number in range(30):
        sample_id = f"sample-{number}"
        image = {**DOCUMENT["image"], "ref": TOPICS.image("front", sample_id)}
        document = {**DOCUMENT, "sample_id": sample_id, "image": image, "later": "x" * 2**20}
        assert take(intake, MANIFEST.topic, json.dumps(document).encode()) == []
    assert counts.waiting_manifests < 8
    assert counts.dropped == 30 - counts.waiting_manifests


def test_what_is_no_utf_8_is_refused_even_where_nobody_reads_it() -> None:
    payload = PARCEL.data[:-1] + b',"later":"\xff"}'
    intake, _ = fresh()
    (arrival,) = take(intake, MANIFEST.topic, payload)
    assert isinstance(arrival, Invalid)
    assert "utf-8" in arrival.why


def test_a_status_with_line_breaks_is_one_line_of_the_journal() -> None:
    intake, _ = fresh()
    when = b'"2026-05-28T20:26:40.000000000Z"'
    raw = b'{"state": "ready", "session": 1,\r\n "ts": ' + when + b', "reason":\n""}'
    (arrival,) = take(intake, TOPICS.status, raw)
    assert isinstance(arrival, StatusArrived)
    line = msgspec.json.encode(event_line(arrival))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["data"]["state"] == "ready"


HELD = sample_parcel(made_sample(7), made_image(7), replace(CONTEXT, images="held"))
NAME = HELD.parcel_id
(ALONE,) = messages(HELD, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
PICTURE = Message(TOPICS.image("front", NAME), HELD.image or b"")


@given(st.permutations([ALONE, ALONE, PICTURE, PICTURE]))
def test_a_held_picture_comes_apart_and_once(order: list[Message]) -> None:
    intake, counts = fresh()
    found = [one for message in order for one in take(intake, message.topic, message.payload)]
    assert [type(one) for one in found] == [SampleArrived, PictureArrived]
    sample, picture = found
    assert isinstance(sample, SampleArrived)
    assert isinstance(picture, PictureArrived)
    assert (sample.parcel_id, sample.image) == (NAME, None)
    assert (picture.parcel_id, picture.image) == (picture_id(NAME), HELD.image)
    assert not counts.failed


def test_a_picture_that_is_safe_is_acknowledged_again_by_its_own_name() -> None:
    intake, _ = fresh(NAME, picture_id(NAME))
    (again,) = take(intake, PICTURE.topic, PICTURE.payload)
    assert isinstance(again, Duplicate)
    assert again.parcel_id == picture_id(NAME)


def test_a_held_picture_is_held_against_its_manifest() -> None:
    intake, counts = fresh()
    take(intake, ALONE.topic, ALONE.payload)
    (wrong,) = take(intake, PICTURE.topic, IMAGE.payload)
    assert isinstance(wrong, Invalid)
    assert wrong.parcel_id == picture_id(NAME), "the manifest is not what is rejected"
    assert counts.failed
