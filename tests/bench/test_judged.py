"""What the product is judged by, on the public videos, through the command a person runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.replays import Replayed, replay
from bench.score import (
    CutScore,
    Stretch,
    covered,
    kept_within,
    most_within,
    score_cuts,
    stretches_extra,
    stretches_found,
)

pytestmark = [
    pytest.mark.evaluation,
    pytest.mark.models,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

TWENTY_SECONDS = 200
"""Frames of the day video, which has 10 a second."""


def every_frame(video: str, data: Path, models: Path) -> Replayed:
    return replay(data / video, models, "--every-frame")


@pytest.fixture(scope="module")
def cuts(evaluation_data: Path, models_directory: Path) -> Replayed:
    return every_frame("composites/cuts_public.mp4", evaluation_data, models_directory)


@pytest.fixture(scope="module")
def cuts_truth(evaluation_data: Path) -> dict[str, Any]:
    text = (evaluation_data / "composites/cuts_public.json").read_text()
    truth: dict[str, Any] = json.loads(text)
    return truth


@pytest.fixture(scope="module")
def day(evaluation_data: Path, models_directory: Path) -> Replayed:
    return every_frame("composites/cctv_day_public.mp4", evaluation_data, models_directory)


@pytest.fixture(scope="module")
def day_events(evaluation_data: Path) -> list[dict[str, Any]]:
    text = (evaluation_data / "composites/cctv_day_public.json").read_text()
    events: list[dict[str, Any]] = json.loads(text)["events"]
    return events


def stretches(events: list[dict[str, Any]], kind: str, *, repeat: bool) -> list[Stretch]:
    return [
        Stretch(event["start_frame"], event["end_frame"])
        for event in events
        if event["type"] == kind and event.get("repeat_of_earlier_event", False) == repeat
    ]


def test_every_hard_cut_is_found_and_nothing_else(
    cuts: Replayed, cuts_truth: dict[str, Any]
) -> None:
    assert score_cuts(cuts.cuts, cuts_truth["hard_cuts"]) == CutScore(15, extras=0, missed=0)


def test_every_gradual_change_is_found_and_nothing_else(
    cuts: Replayed, cuts_truth: dict[str, Any]
) -> None:
    truth = [
        Stretch(
            row.get("first_blended_frame", row.get("first_frame")),
            row.get("last_blended_frame", row.get("last_frame")),
        )
        for row in cuts_truth["gradual"]
    ]
    assert stretches_found(cuts.gradual, truth) == 3
    assert stretches_extra(cuts.gradual, truth) == 0


def test_every_scene_has_a_kept_frame(cuts: Replayed, cuts_truth: dict[str, Any]) -> None:
    scenes = {segment["scene_id"] for segment in cuts_truth["segments"]}
    seen = {
        segment["scene_id"]
        for segment in cuts_truth["segments"]
        if covered(cuts.kept, [Stretch(segment["start_frame"], segment["end_frame"])])
    }
    assert seen == scenes


def test_a_day_in_one_room_has_no_scene_change(day: Replayed) -> None:
    assert day.document["scene_changes"] == []


def test_idle_hours_are_not_sent(day: Replayed, day_events: list[dict[str, Any]]) -> None:
    idle = kept_within(day.kept, stretches(day_events, "idle", repeat=False))
    assert most_within(idle, TWENTY_SECONDS) <= 1
    assert len(idle) <= 3


def test_every_visit_is_sent_once(day: Replayed, day_events: list[dict[str, Any]]) -> None:
    visits = stretches(day_events, "activity", repeat=False)
    assert covered(day.kept, visits) == len(visits) == 5
    assert kept_within(day.kept, stretches(day_events, "activity", repeat=True)) == []


def test_what_is_sent_shows_activity(day: Replayed, day_events: list[dict[str, Any]]) -> None:
    active = kept_within(day.kept, stretches(day_events, "activity", repeat=False))
    assert len(active) / len(day.kept) >= 0.85


def test_the_gate_spares_most_embeddings_of_a_day(day: Replayed) -> None:
    assert day.saved >= 0.8


def test_counts_add_up(day: Replayed, cuts: Replayed) -> None:
    for document in (day.document, cuts.document):
        assert document["embedded"] + document["gated"] == document["frames_decoded"]
        assert len(document["decisions"]) == document["embedded"]


def test_street_shots_are_told_apart(evaluation_data: Path, models_directory: Path) -> None:
    bikes = every_frame("videos/skv_bikes.mp4", evaluation_data, models_directory)
    assert score_cuts(bikes.cuts, [30, 76, 137, 187, 242]) == CutScore(5, extras=0, missed=0)
    assert bikes.gradual == []


def test_an_empty_shelf_is_sent_once_and_gives_the_same_bytes_twice(
    evaluation_data: Path, models_directory: Path
) -> None:
    first = every_frame("videos/az_shelf.mp4", evaluation_data, models_directory)
    assert first.kept == [0]
    assert first.document["scene_changes"] == []
    assert every_frame("videos/az_shelf.mp4", evaluation_data, models_directory) == first


def test_grey_fades_are_no_scenes(evaluation_data: Path, models_directory: Path) -> None:
    fades = every_frame("videos/psd_fades.mp4", evaluation_data, models_directory)
    assert fades.document["scene_changes"] == []


def test_pedestrians_are_no_scene_change(evaluation_data: Path, models_directory: Path) -> None:
    campus = replay(evaluation_data / "videos/vtest.avi", models_directory, "--fps", "2")
    assert campus.document["scene_changes"] == []


def test_at_one_frame_a_second_cuts_are_dated_by_the_decoded_thumbnails(
    evaluation_data: Path, models_directory: Path, cuts_truth: dict[str, Any]
) -> None:
    video = evaluation_data / "composites/cuts_public.mp4"
    score = score_cuts(replay(video, models_directory, "--fps", "1").cuts, cuts_truth["hard_cuts"])
    assert score.extras == 0
    assert score.hits >= 10
