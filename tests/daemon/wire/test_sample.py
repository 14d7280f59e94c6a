from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gleancam.types import Reason
from gleancam.wire.boxes import evidence_data, label_data
from gleancam.wire.cloudevent import STRUCTURED, open_event
from gleancam.wire.embedding import NORM_TOLERANCE, embedding_data, embedding_vector
from gleancam.wire.error import WireError
from gleancam.wire.event import event_data
from gleancam.wire.image import EncodedImage
from gleancam.wire.parcel import ALWAYS_WANTED, messages
from gleancam.wire.sample import sample_data, sample_parcel, with_image
from gleancam.wire.schemas import load_schema
from gleancam_engines.detections import Detections
from gleancam_engines.voting.evidence import Status, evidence_of, silent
from made_samples import (
    CLASSES,
    CONTEXT,
    MEMBER,
    TOPICS,
    made_event,
    made_image,
    made_label,
    made_parcel,
    made_sample,
)

sample_validator = Draft202012Validator(load_schema("sample"))


def test_a_sample_comes_back_as_it_was() -> None:
    sample, image = made_sample(3), made_image(3)
    parcel = sample_parcel(sample, image, CONTEXT)
    data = sample_data(parcel.data)
    sample_validator.validate(json.loads(parcel.data))
    assert parcel.parcel_id == data.sample_id == sample.sample_id
    assert data.image.ref == TOPICS.image("front", sample.sample_id)
    assert data.image.bytes == len(image.jpeg)
    assert data.frame.seq == 3
    assert [label.class_name for label in data.labels] == [
        label.class_name for label in sample.labels
    ]
    assert data.evidence[0].model_id == MEMBER
    assert not data.ensemble.degraded_quorum
    assert data.image.redactions[0].name == "window"
    np.testing.assert_allclose(
        embedding_vector(data.embedding), sample.embedded.embedding, atol=1e-3
    )


@given(st.integers(1, 9), st.floats(0, 1e9), st.booleans())
def test_data_is_identical_on_redelivery(attempt: int, spooled_s: float, mqtt5: bool) -> None:  # noqa: FBT001 - drawn
    sample = made_sample(1)
    parcel = sample_parcel(sample, made_image(), CONTEXT)
    assert parcel == sample_parcel(sample, made_image(), CONTEXT)
    image, manifest = messages(parcel, TOPICS, attempt=attempt, spooled_s=spooled_s, mqtt5=mqtt5)
    opened = open_event(manifest.payload, manifest.user_properties)
    assert image.payload == parcel.image
    assert opened.data == parcel.data


def test_binary_mode_follows_the_binding() -> None:
    image, manifest = messages(made_parcel(1), TOPICS, attempt=2, spooled_s=7.9, mqtt5=True)
    attributes = dict(manifest.user_properties)
    assert image.topic == f"{TOPICS.root}/cam/front/image/{attributes['id']}"
    assert (image.content_type, manifest.content_type) == ("image/jpeg", "application/json")
    assert attributes["specversion"] == "1.0"
    assert attributes["type"] == "gleancam.sample.v1"
    assert attributes["source"] == f"{TOPICS.root}/cam/front"
    assert attributes["dataschema"] == load_schema("sample")["$id"]
    assert (attributes["attempt"], attributes["spooledseconds"]) == ("2", "7")
    assert "data" not in attributes
    assert all(name.isalnum() and name.islower() for name in attributes)


def test_structured_mode_is_one_json_object() -> None:
    parcel = made_event()
    (message,) = messages(parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=False)
    event = json.loads(message.payload)
    assert message.content_type == STRUCTURED
    assert event["data"] == json.loads(parcel.data)
    assert event["id"] == parcel.parcel_id
    assert event["datacontenttype"] == "application/json"
    assert event_data(parcel.data).event == "scene_change"
    assert parcel.value == ALWAYS_WANTED


def test_data_without_envelope_is_still_data() -> None:
    parcel = made_parcel(1)
    assert open_event(parcel.data, ()).data == parcel.data


def test_a_smaller_image_changes_nothing_else() -> None:
    parcel = made_parcel(1)
    small = EncodedImage(made_image(2, 160, 90).jpeg, 160, 90, 60)
    refitted = with_image(parcel, small)
    before, after = json.loads(parcel.data), json.loads(refitted.data)
    sample_validator.validate(after)
    assert refitted.image == small.jpeg
    assert (after["image"]["width"], after["image"]["quality"]) == (160, 60)
    assert after["image"]["ref"] == before["image"]["ref"]
    assert {**after, "image": None} == {**before, "image": None}
    assert with_image(refitted, made_image(1)) == parcel


def test_only_a_sample_has_an_image() -> None:
    with pytest.raises(WireError):
        with_image(made_event(), made_image())


@pytest.mark.parametrize(
    ("reason", "score", "value"),
    [
        (Reason.NOVEL, 0.3, 0.3),
        (Reason.NOVEL, math.inf, ALWAYS_WANTED),
        (Reason.RANDOM, 0.1, ALWAYS_WANTED),
        (Reason.COMMAND, 0.1, ALWAYS_WANTED),
    ],
)
def test_what_is_evicted_first(reason: Reason, score: float, value: float) -> None:
    parcel = made_parcel(1, reason=reason, score=score)
    assert parcel.value == value
    sample_validator.validate(json.loads(parcel.data))


def test_a_silent_model_degrades_the_quorum() -> None:
    sample = made_sample(1)
    cases: tuple[tuple[Status, bool], ...]
    cases = (("timeout", True), ("failed", True), ("skipped", False))
    for status, degraded in cases:
        evidence = (silent(MEMBER, CLASSES, status),)
        silenced = replace(sample, labels=(), evidence=evidence)
        data = sample_data(sample_parcel(silenced, made_image(), CONTEXT).data)
        assert data.ensemble.degraded_quorum is degraded
        assert data.evidence[0].status == data.ensemble.members[0].status == status


def test_no_labels_and_no_evidence_are_allowed() -> None:
    parcel = made_parcel(1, labels=0)
    sample_validator.validate(json.loads(parcel.data))
    assert sample_data(parcel.data).labels == ()


@given(st.lists(st.tuples(*[st.floats(-5000, 5000, width=32)] * 4), max_size=5))
def test_boxes_lie_in_the_frame_and_are_rounded(rows: list[tuple[float, ...]]) -> None:
    count = len(rows)
    boxes = np.array(rows, np.float32).reshape(-1, 4)
    seen = Detections(
        boxes, np.full(count, 0.5, np.float32), np.zeros(count, np.int32), CLASSES, MEMBER
    )
    sent = evidence_data(evidence_of(seen, 1920, 1080)).boxes
    assert all(0 <= value <= 1 and round(value, 4) == value for box in sent for value in box)


def test_all_that_a_label_says_is_sent_and_rounded() -> None:
    label = replace(
        made_label(np.array([0.12345, 0.2, 0.3, 0.4]), "car", 0.123456),
        bald=0.98765,
        entropy=None,
        loc_spread=0.33333,
        class_conflict=True,
        degraded_quorum=True,
    )
    (sent,) = label_data((label,))
    assert (sent.box[0], sent.score, sent.score_max) == (0.1235, 0.1235, 0.1235)
    assert (sent.risk, sent.bald, sent.entropy, sent.loc_spread) == (0.8765, 0.9877, None, 0.3333)
    assert sent.class_conflict
    assert sent.degraded_quorum


def test_a_manifest_of_before_there_were_committees_is_read() -> None:
    data = json.loads(made_parcel().data)
    old = {"strategy": "single", "models": [MEMBER], "degraded_quorum": False}
    del data["evidence"][0]["status"]
    new = ("score_max", "risk", "bald", "entropy", "loc_spread", "degraded_quorum")
    for label in data["labels"]:
        for name in (*new, "class_conflict"):
            del label[name]
    read = sample_data(json.dumps({**data, "ensemble": old}).encode())
    assert read.labels[0].risk is None
    assert read.evidence[0].status == "ok"
    assert read.ensemble.rules is None


@given(st.integers(0, 2**32 - 1), st.integers(1, 2048))
def test_embeddings_keep_their_norm(seed: int, dim: int) -> None:
    vector = np.random.default_rng(seed).standard_normal(dim)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    back = embedding_vector(embedding_data(unit, "space"))
    assert back.dtype == np.float32
    assert abs(float(np.linalg.norm(back)) - 1) <= NORM_TOLERANCE
    assert float(unit @ back) == pytest.approx(1, abs=1e-3)


def test_a_near_frame_carries_its_tag_its_name_and_is_worth_its_novelty() -> None:
    near = replace(
        made_sample(reason=Reason.NEAR, score=0.87),
        scene_label="night",
    )
    near = replace(near, decision=replace(near.decision, tag="forklift", novelty=0.12))
    parcel = sample_parcel(near, made_image(), CONTEXT)
    data = sample_data(parcel.data)
    assert (data.selection.tag, data.selection.score) == ("forklift", 0.87)
    assert data.scene.label == "night"
    assert parcel.value == 0.12, "evicted by how redundant it is, not by its similarity"


def test_a_manifest_of_before_there_were_tags_and_names_is_read() -> None:
    data = json.loads(made_parcel().data)
    del data["selection"]["tag"], data["scene"]["label"]
    read = sample_data(json.dumps(data).encode())
    assert (read.selection.tag, read.scene.label) == (None, None)


def test_a_new_region_travels_rounded() -> None:
    plain = made_sample()
    region = (0.123456, 0.2, 0.3, 1.0)
    sample = replace(plain, decision=replace(plain.decision, region=region))
    data = sample_data(sample_parcel(sample, made_image(), CONTEXT).data)
    assert data.selection.region == (0.1235, 0.2, 0.3, 1.0)
    assert sample_data(sample_parcel(plain, made_image(), CONTEXT).data).selection.region is None
