"""What is written can be read, whatever it is and wherever it breaks off."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TypedDict

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.decisions.epoch import encode as encode_epoch
from gleancam.decisions.format import VERSION, framed, preamble
from gleancam.decisions.reading import read_segment
from gleancam.decisions.record import Logged, LoggedFrame, encode
from gleancam.errors import DecisionLogError
from gleancam.selectors.observation import Observation
from gleancam.settlements import Settled
from gleancam.types import Box, Decision, Reason, SceneChange, SceneRecord
from made_decisions import SPACE, direction, made_epoch, made_frame

LONGEST = "f" * 64
"""Of what a configuration names."""
LONGEST_ID = "f" * 36
"""Of what is numbered: a UUID."""
LONG = 0.123456789
BOX = (LONG, LONG, LONG, LONG)
NS = st.integers(0, 2**62)
UNIT = st.floats(0, 2)
NAMES = st.text(min_size=1, max_size=40)
MAYBE = st.none() | NAMES

DECISIONS = st.builds(
    Decision,
    keep=st.booleans(),
    reason=st.sampled_from(Reason),
    score=UNIT,
    threshold=UNIT,
    policy_id=NAMES,
    percentile=st.none() | st.floats(0, 1),
    policy_propensity=st.floats(0, 1),
    arm=st.sampled_from(["policy", "random"]),
    nearest_id=MAYBE,
    region=st.none() | st.tuples(UNIT, UNIT, UNIT, UNIT),
    drawn=st.booleans(),
    policy_keeps=st.booleans(),
    tag=MAYBE,
)
CHANGES = st.builds(SceneChange, NAMES, NAMES, NS, NS, UNIT, UNIT, label=MAYBE)


class Decided(TypedDict, total=False):
    """What tells the kinds of longest decisions apart."""

    reason: Reason
    arm: str
    region: Box
    drawn: bool
    policy_keeps: bool
    tag: str


@st.composite
def frames(draw: st.DrawFn) -> LoggedFrame:
    observation = Observation(
        draw(NAMES),
        draw(NS),
        draw(NS),
        direction(draw(st.integers(0, 99))),
        SPACE,
        featureless=draw(st.booleans()),
        still=draw(st.booleans()),
    )
    changes = tuple(draw(st.lists(CHANGES, max_size=2)))
    return LoggedFrame(observation, draw(DECISIONS), draw(NAMES), changes, draw(MAYBE))


RECORDS = st.lists(frames() | st.builds(Settled, NAMES, NAMES, st.integers(0, 2**40)), max_size=6)


def segment(records: list[Logged], dimension: int = 8) -> bytes:
    bodies = [encode_epoch(made_epoch(dimension)), *map(encode, records)]
    return preamble() + b"".join(map(framed, bodies))


def plain(record: Logged) -> object:
    """All of a record that is stored exactly."""
    if isinstance(record, Settled):
        return record
    seen = asdict(record.observation)
    seen.pop("embedding")
    return seen, record.decision, record.scene_id, record.changes, record.sample_id


@given(RECORDS)
def test_what_is_written_is_read(records: list[Logged]) -> None:
    found = read_segment(1, segment(records))
    assert found.epoch == made_epoch()
    assert found.torn_bytes == 0
    assert [plain(each) for each in found.records] == [plain(each) for each in records]


@given(RECORDS)
def test_embeddings_are_those_of_float16_at_norm_1(records: list[Logged]) -> None:
    found = read_segment(1, segment(records))
    for read, wrote in zip(found.records, records, strict=True):
        if isinstance(wrote, LoggedFrame):
            assert isinstance(read, LoggedFrame)
            embedding = read.observation.embedding
            assert embedding.dtype == np.float32
            assert abs(float(np.linalg.norm(embedding)) - 1) < 1e-6
            assert float(np.abs(embedding - wrote.observation.embedding).max()) < 2**-10


def test_a_tail_torn_at_any_byte_costs_the_torn_record_and_is_counted() -> None:
    records: list[Logged] = [made_frame(1), Settled("gate", "id", 7), made_frame(2)]
    whole = segment(records)
    ends = [len(segment(records[:count])) for count in range(4)]
    for size in range(len(whole)):
        found = read_segment(1, whole[:size])
        kept = sum(end <= size for end in ends[1:])
        assert [plain(each) for each in found.records] == [plain(each) for each in records[:kept]]
        assert found.torn_bytes == size - (ends[kept] if size >= ends[0] else 0)


def test_zeros_that_a_power_cut_leaves_are_no_records() -> None:
    records: list[Logged] = [made_frame(1), made_frame(2)]
    whole, first = segment(records), segment(records[:1])
    found = read_segment(1, first + bytes(len(whole) - len(first)))
    assert len(found.records) == 1
    assert found.torn_bytes == len(whole) - len(first)
    assert read_segment(1, bytes(500)).epoch is None


def test_a_flipped_bit_ends_the_segment_there() -> None:
    first, whole = segment([made_frame(1)]), bytearray(segment([made_frame(1), made_frame(2)]))
    for place in range(len(first), len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        assert len(read_segment(1, bytes(damaged)).records) == 1


def test_another_version_is_refused_with_a_cure() -> None:
    newer = segment([]).replace(
        preamble(), preamble()[:-2] + (VERSION + 1).to_bytes(2, "little"), 1
    )
    with pytest.raises(DecisionLogError, match=r"segment 7 .* version 2 .*: use the gleancam that"):
        read_segment(7, newer)


@pytest.mark.parametrize(
    "decided",
    [
        Decided(reason=Reason.SCENE_CHANGE),
        Decided(reason=Reason.NEAR, tag=LONGEST),
        Decided(reason=Reason.NEAR, tag=LONGEST, drawn=True),
        Decided(reason=Reason.NOVEL, region=BOX),
        Decided(reason=Reason.RANDOM, region=BOX, drawn=True, arm="random", policy_keeps=False),
    ],
    ids=lambda decided: str(decided["reason"].value),
)
def test_a_frame_takes_two_kibibytes_at_most_with_512_numbers(decided: Decided) -> None:
    ended = SceneRecord(LONGEST_ID, 2**62, 2**62, LONG, LONGEST_ID)
    change = SceneChange(
        LONGEST, LONGEST_ID, 2**62, 2**62, LONG, LONG, "gradual", LONGEST, ended_scene=ended
    )
    decision = Decision(
        keep=True,
        score=LONG,
        threshold=LONG,
        policy_id="0123456789ab",
        percentile=LONG,
        nearest_id=LONGEST_ID,
        policy_propensity=0.0 if "arm" in decided else 1.0,
        random_propensity=LONG,
        epoch=2**31,
        novelty=LONG,
        **decided,
    )
    observation = Observation(
        LONGEST, 2**62, 2**62, direction(0, 512), SPACE, still=True, passed="arm" not in decided
    )
    longest = LoggedFrame(observation, decision, LONGEST_ID, (change,), LONGEST_ID)
    assert len(framed(encode(longest))) <= 2048


def test_most_frames_take_far_less() -> None:
    assert len(framed(encode(made_frame(0, 512)))) <= 1400


def test_fields_that_only_another_version_knows_are_passed_over() -> None:
    body = encode(made_frame(1))
    row = msgspec.msgpack.decode(body[1 + 16 :])
    row["seen"]["moon"] = "full"
    row["decision"]["moon"] = "full"
    row["moon"] = "full"
    content = segment([]) + framed(body[: 1 + 16] + msgspec.msgpack.encode(row))
    (found,) = read_segment(1, content).records
    assert plain(found) == plain(made_frame(1))


def test_a_record_of_another_shape_is_an_error_with_a_cure() -> None:
    content = segment([]) + framed(encode(made_frame(1))[:17] + msgspec.msgpack.encode({"x": 1}))
    with pytest.raises(DecisionLogError, match="use the gleancam that wrote it"):
        read_segment(1, content)


def test_a_number_of_numpy_s_is_logged_as_any_other() -> None:
    frame = made_frame(0)
    odd = replace(frame, decision=replace(frame.decision, score=np.float64(0.25)))
    assert encode(odd) == encode(frame)


def test_what_differs_from_its_default_alone_takes_room() -> None:
    frame = made_frame(0)
    still = replace(frame, observation=replace(frame.observation, still=True))
    tagged = replace(frame, decision=replace(frame.decision, tag="fox"))
    assert len(encode(still)) > len(encode(frame))
    assert b"tag" not in encode(frame)
    assert b"tag" in encode(tagged)
