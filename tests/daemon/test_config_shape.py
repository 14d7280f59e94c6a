"""Every difference between a document and the structs is found, and nothing else."""

from __future__ import annotations

import contextlib
import copy
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.keys import Config, Health
from gleancam.config.shape import did_you_mean, problems
from gleancam.config.wants import wants

VALID: dict[str, Any] = {
    "site": "s",
    "device": "d",
    "cameras": [
        {"source": "rtsp", "id": "a", "url": "rtsp://h/x", "fps": 2.0},
        {
            "source": "test",
            "id": "b",
            "mask": [{"name": "m", "polygon": [[0, 0], [1, 0], [1, 1]]}],
        },
    ],
    "models": {"threads": 2, "detectors": ["yolox-nano"]},
    "selection": {"gate": {"enabled": True}, "scene": {"threshold": 0.1}},
    "mqtt": {"host": "h", "tls": {"ca": "x"}},
}

PLACES = (
    (),
    ("cameras",),
    ("cameras", 0),
    ("cameras", 1, "mask"),
    ("cameras", 1, "mask", 0),
    ("cameras", 1, "mask", 0, "polygon"),
    ("cameras", 1, "mask", 0, "polygon", 1),
    ("models",),
    ("models", "detectors"),
    ("selection", "gate"),
    ("mqtt",),
    ("mqtt", "tls"),
)
KEYS = st.sampled_from(
    ["site", "source", "id", "fps", "url", "polygon", "threads", "port", "tls", "enabled", "host"]
)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-5, 70_000),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["", "a", "A\n", "rtsp", "rtsp://h", "mqtt", "5", "x" * 100, "a\n"]),
)
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=4), st.dictionaries(KEYS, SCALARS, max_size=3)
)


def holds_no_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(holds_no_number(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_no_number(item) for item in value)
    return isinstance(value, float) and not math.isfinite(value)


def converts(document: Any) -> bool:
    try:
        msgspec.convert(document, Config)
    except msgspec.ValidationError:
        return False
    return not holds_no_number(document)


def mutate(document: Any, data: st.DataObject) -> None:
    with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier mutation took it away
        for step in data.draw(st.sampled_from(PLACES)):
            document = document[step]
    if isinstance(document, dict):
        key = data.draw(st.one_of(KEYS, st.sampled_from(sorted(document) or ["site"])))
        if data.draw(st.booleans()):
            document.pop(key, None)
        else:
            document[key] = data.draw(VALUES)
    elif isinstance(document, list):
        document.insert(data.draw(st.integers(0, len(document))), data.draw(VALUES))


@given(data=st.data(), count=st.integers(0, 3))
def test_problems_are_found_exactly_when_the_document_does_not_convert(
    data: st.DataObject, count: int
) -> None:
    document = copy.deepcopy(VALID)
    for _ in range(count):
        mutate(document, data)

    assert (not list(problems(document, Config))) == converts(document)


def test_all_problems_are_reported_at_once_with_their_paths() -> None:
    document = copy.deepcopy(VALID)
    document["devise"] = 1
    del document["device"]
    document["cameras"][0]["fps"] = 99
    document["cameras"][1]["mask"][0]["polygon"][2][1] = 1.5
    document["models"]["threads"] = "2"
    document["mqtt"]["tls"]["verify"] = 1

    assert {problem.path for problem in problems(document, Config)} == {
        "devise",
        "device",
        "cameras[0].fps",
        "cameras[1].mask[0].polygon[2][1]",
        "models.threads",
        "mqtt.tls.verify",
    }


@pytest.mark.parametrize(
    ("table", "key", "hint"),
    [
        ("models", "embeder", 'did you mean "embedder"?'),
        ("mqtt", "hots", 'did you mean "host"?'),
        (
            "spool",
            "qqqq",
            "known: jpeg_longest_side, jpeg_quality, max_age, max_bytes, path, reserve_bytes",
        ),
    ],
)
def test_an_unknown_key_gets_the_nearest_known_one(table: str, key: str, hint: str) -> None:
    (problem,) = problems(VALID | {table: {key: 1}}, Config)

    assert (problem.path, problem.what, problem.hint) == (f"{table}.{key}", "unknown key", hint)


def test_an_unknown_source_gets_the_nearest_known_one() -> None:
    document = VALID | {"cameras": [{"source": "rtps", "id": "a"}]}

    (problem,) = problems(document, Config)

    assert (problem.path, problem.hint) == ("cameras[0].source", 'did you mean "rtsp"?')


def test_a_camera_without_a_source_is_told_which_there_are() -> None:
    (problem,) = problems(VALID | {"cameras": [{"id": "a"}]}, Config)

    assert problem.path == "cameras[0].source"
    assert "rtsp, file, v4l2, csi, test, images" in problem.hint


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_numbers_must_be_finite(value: float) -> None:
    (problem,) = problems(VALID | {"models": {"label_deadline_s": value}}, Config)

    assert problem.path == "models.label_deadline_s"


def test_an_identifier_with_a_line_break_at_its_end_is_refused() -> None:
    (problem,) = problems(VALID | {"site": "north\n"}, Config)

    assert problem.path == "site"


def test_what_is_wanted_is_said_in_words() -> None:
    (problem,) = problems(VALID | {"http": {"port": 70_000}}, Config)

    assert str(problem) == "http.port = 70000: must be a whole number >= 0 and <= 65535"


def test_every_annotation_can_be_said_in_words() -> None:
    assert wants(Config) == "a table"
    assert "null" not in wants(str | None)


def test_an_array_without_end_is_not_looked_through() -> None:
    (problem,) = problems({**VALID, "cameras": [1] * 2000}, Config)

    assert problem.path == "cameras"
    assert "at most 1024" in problem.what


def test_a_key_without_a_name_is_unknown() -> None:
    (problem,) = problems({"": 1}, Health, "health")

    assert (problem.path, problem.what) == ("health.", "unknown key")


def test_nothing_near_lists_all() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
