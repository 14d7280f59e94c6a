"""The videos of the selection benchmark, and what is known to be in them. Frames are 0-based."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.identities import Boxes, read_mot
from bench.score import Stretch

SAMPLED_FPS = 5.0
"""Frames a second that the baselines choose from."""
SHORT_FPS = 25.0
"""The same in a clip of three seconds: every frame."""


@dataclass(frozen=True)
class Span:
    """A stretch of frames in which one thing is to be seen; spans of one name show the same."""

    name: str
    stretch: Stretch


@dataclass(frozen=True)
class Clip:
    """A video and its ground truth.

    Attributes:
        spans: what should be covered: visits, or shots of scenes.
        repeats: exact replays of an earlier span, of which nothing should be kept.
        idle: where nothing happens.
        cuts: hard cuts; None when the video is not scored for cuts.
        gradual: fades and dissolves.
        fixed: a fixed camera in one place: every reported scene change is false.
        boxes: identities to be seen in each frame; empty when not known.
        every_frame: the product looks at every frame; otherwise at `fps`.
        fps: frames a second that the baselines choose from.
    """

    file: str
    spans: tuple[Span, ...] = ()
    repeats: tuple[Stretch, ...] = ()
    idle: tuple[Stretch, ...] = ()
    cuts: tuple[int, ...] | None = None
    gradual: tuple[Stretch, ...] = ()
    fixed: bool = False
    boxes: Boxes | None = None
    every_frame: bool = True
    fps: float = SAMPLED_FPS

    @property
    def name(self) -> str:
        """The file's name without folder and extension."""
        return Path(self.file).stem


IOT_VISITS = ((61, 202), (228, 451), (502, 703), (745, 873), (921, 1205), (1235, 1365))
IOT_FRAMES = 1394
BGS_VISITS = ((58, 186), (196, 259), (289, 361))
BIKES_CUTS = (30, 76, 137, 187, 242)
BUNNY_CUTS = (283, 376, 551)


def clips(data: Path) -> tuple[Clip, ...]:
    """All clips of the benchmark; reads their ground truth."""
    truth = _json(data / "videos/cuts_ground_truth.json")
    return (
        _day(_json(data / "composites/cctv_day_public.json")),
        Clip(
            "videos/iot_one-by-one-person-detection.mp4",
            spans=_visits(IOT_VISITS),
            idle=_between(IOT_VISITS, IOT_FRAMES, margin=3),
            fixed=True,
        ),
        Clip("videos/bgs_video.avi", spans=_visits(BGS_VISITS), fixed=True, every_frame=False),
        _cuts(_json(data / "composites/cuts_public.json")),
        Clip("videos/skv_bikes.mp4", spans=_shots(BIKES_CUTS, 250), cuts=BIKES_CUTS),
        Clip("videos/mpy_big_buck_bunny_0_30.webm", spans=_shots(BUNNY_CUTS, 720), cuts=BUNNY_CUTS),
        Clip(
            "videos/psd_testvideo.mp4",
            cuts=tuple(truth["psd_testvideo.mp4"]["hard_cuts"]),
            gradual=tuple(Stretch(*row["around"]) for row in truth["psd_testvideo.mp4"]["gradual"]),
        ),
        Clip("videos/psd_fades.mp4", cuts=()),
        Clip("videos/az_shelf.mp4", fixed=True),
        Clip("videos/bgs_video03.avi", fixed=True, every_frame=False),
        _pedestrians(data, "vtest.avi", "PETS09-S2L1.gt.txt", SAMPLED_FPS),
        _pedestrians(data, "mot15_TUD-Campus.mp4", "TUD-Campus.gt.txt", SHORT_FPS),
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def _day(truth: Any) -> Clip:
    events = truth["events"]

    def of(kind: str, *, repeat: bool) -> tuple[Span, ...]:
        return tuple(
            Span(f"visit {event.get('event_id')}", _stretch(event))
            for event in events
            if event["type"] == kind and event.get("repeat_of_earlier_event", False) == repeat
        )

    return Clip(
        "composites/cctv_day_public.mp4",
        spans=of("activity", repeat=False),
        repeats=tuple(span.stretch for span in of("activity", repeat=True)),
        idle=tuple(span.stretch for span in of("idle", repeat=False)),
        fixed=True,
    )


def _cuts(truth: Any) -> Clip:
    return Clip(
        "composites/cuts_public.mp4",
        spans=tuple(Span(row["scene_id"], _stretch(row)) for row in truth["segments"]),
        cuts=tuple(truth["hard_cuts"]),
        gradual=tuple(
            Stretch(
                row.get("first_blended_frame", row.get("first_frame")),
                row.get("last_blended_frame", row.get("last_frame")),
            )
            for row in truth["gradual"]
        ),
    )


def _stretch(row: Any) -> Stretch:
    return Stretch(row["start_frame"], row["end_frame"])


def _visits(bounds: tuple[tuple[int, int], ...]) -> tuple[Span, ...]:
    return tuple(Span(f"visit {at}", Stretch(*ends)) for at, ends in enumerate(bounds, 1))


def _between(bounds: tuple[tuple[int, int], ...], frames: int, margin: int) -> tuple[Stretch, ...]:
    """The stretches outside all bounds, less a margin where the truth is not exact."""
    starts = (0, *(end + 1 + margin for _, end in bounds))
    ends = (*(start - 1 - margin for start, _ in bounds), frames - 1)
    return tuple(Stretch(*both) for both in zip(starts, ends, strict=True))


def _shots(cuts: tuple[int, ...], frames: int) -> tuple[Span, ...]:
    starts, ends = (0, *cuts), (*(cut - 1 for cut in cuts), frames - 1)
    pairs = zip(starts, ends, strict=True)
    return tuple(Span(f"shot {at}", Stretch(*both)) for at, both in enumerate(pairs, 1))


def _pedestrians(data: Path, video: str, truth: str, fps: float) -> Clip:
    boxes = read_mot((data / "videos" / truth).read_text())
    return Clip(f"videos/{video}", fixed=True, boxes=boxes, fps=fps)
