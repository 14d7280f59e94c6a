"""Topics and properties: what a broker may hand over as text."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzz import seeds

_LEVELS = st.sampled_from(
    [
        *("gleancam", "v1", "depot", "gate-1", "cam", "front", "image", "sample", "status"),
        *("ingest", "trainer", "ack", "", "+", "#", "$SYS", "..", "a" * 64, "a" * 65),
        *("gate-1\n", "\uff47\uff41\uff54\uff45", "\u202e", "\u0000", "GATE", "é" * 65_000),
    ]
)
_LINES = st.text(max_size=20)
valid = st.sampled_from(seeds.DEVICE_TOPICS)
topics = st.one_of(
    valid,
    valid,
    valid,
    st.lists(_LEVELS | _LINES, max_size=9).map("/".join),
    st.text(max_size=200),
    st.tuples(
        st.sampled_from(seeds.DEVICE_TOPICS), st.integers(0, 8), _LEVELS | _LINES, st.integers(0, 1)
    ).map(lambda change: _with_level(*change)),
)
_NAMES = st.sampled_from(["specversion", "id", "type", "source", "time"])
_VALUES = st.sampled_from(
    ["1.0", "2.0", "", "gleancam.sample.v1", seeds.PARCEL.parcel_id, "x" * 65_535, "\ud800"]
)
properties = st.one_of(
    st.just(()),
    st.just(seeds.MANIFEST.user_properties),
    st.lists(st.tuples(_NAMES | _LINES, _VALUES | _LINES), max_size=6).map(tuple),
)
_DIGITS = st.text(alphabet="0123456789٣²-:TZ.+\n", max_size=34)
times = st.one_of(
    _DIGITS,
    st.tuples(st.integers(0, 29), _DIGITS).map(
        lambda cut: f"{'2026-05-28T20:26:40.000000000Z'[: cut[0]]}{cut[1]}"
    ),
    st.tuples(*[st.integers(0, 31)] * 6).map(
        lambda n: f"20{n[0]:02}-{n[1]:02}-{n[2]:02}T{n[3]:02}:{n[4]:02}:{n[5]:02}.000000000Z"
    ),
)


def _with_level(topic: str, place: int, level: str, drop: int) -> str:
    levels = topic.split("/")
    levels[place : place + drop] = [level]
    return "/".join(levels)
