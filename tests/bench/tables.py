"""The results as a page of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.budgeted import RADIUS, Kept
from bench.contest import BUDGETS, Coverage, Cuts, People, Result
from bench.cost import FRAMES
from bench.detectors import MIN_SCENE_FRAMES, versions
from bench.diversity import least_budget
from bench.markdown import table
from bench.prose import COST, COVERAGE, CUTS, HEAD, NEEDED, PEOPLE


def page(result: Result) -> str:
    """Give the whole page."""
    return (
        "\n\n".join(
            [
                HEAD,
                COVERAGE.format(radius=f"{RADIUS:g}"),
                _coverage(result.coverage),
                NEEDED.format(most=max(BUDGETS)),
                _needed(result.coverage),
                CUTS.format(versions=versions(), frames=MIN_SCENE_FRAMES),
                _cuts(result.cuts),
                _false(result),
                PEOPLE,
                _people(result.people),
                COST.format(frames=FRAMES),
                _cost(result),
                "",
            ]
        ).rstrip()
        + "\n"
    )


def _coverage(clips: Sequence[Coverage]) -> str:
    methods = list(clips[0].methods)
    return table(
        ["", *methods], [[label, *cells] for clip in clips for label, cells in _rows(clip)]
    )


def _rows(clip: Coverage) -> list[tuple[str, list[str]]]:
    measures: list[tuple[str, Callable[[Kept], str]]] = [
        (
            f"**{clip.clip}**, {clip.budget} frames: covered of {clip.distinct}",
            lambda kept: _number(kept.covered),
        ),
        ("redundant", lambda kept: f"{kept.redundancy:.0%}"),
        ("in what should be covered", lambda kept: f"{kept.within:.0%}"),
    ]
    if clip.clip == "cctv_day_public":
        measures.append(("frames of the exact replay", lambda kept: _number(kept.repeats)))
        measures.append(("idle frames", lambda kept: _number(kept.idle)))
    return [(label, [show(kept) for kept in clip.methods.values()]) for label, show in measures]


def _needed(clips: Sequence[Coverage]) -> str:
    methods = list(clips[0].curves)
    return table(
        ["frames needed", "gleancam, as it ships", *methods],
        [
            [
                f"{clip.clip}: all {clip.distinct}",
                _needed_as_it_ships(clip),
                *(_least(clip, method) for method in methods),
            ]
            for clip in clips
        ],
    )


def _needed_as_it_ships(clip: Coverage) -> str:
    ours = clip.methods["gleancam"]
    missed = "" if ours.covered == clip.distinct else f" (covers {_number(ours.covered)})"
    return f"{clip.budget}{missed}"


def _least(clip: Coverage, method: str) -> str:
    least = least_budget(clip.curves[method], clip.distinct)
    return "more" if least is None else str(least)


def _cuts(cuts: Sequence[Cuts]) -> str:
    return table(
        ["video", "detector", "hard cuts found", "extra", "F1", "gradual found", "gradual extra"],
        [
            [
                row.clip,
                row.detector,
                f"{row.hard.hits} of {row.hard.hits + row.hard.missed}",
                str(row.hard.extras),
                f"{row.f1:.3f}",
                f"{row.gradual_found} of {row.gradual}",
                "" if row.gradual_extra is None else str(row.gradual_extra),
            ]
            for row in cuts
        ],
    )


def _false(result: Result) -> str:
    detectors = list(result.false_per_hour)
    rows = [
        [f"{clip}, {result.fixed_seconds[clip]:.0f} s", *(str(row[each]) for each in detectors)]
        for clip, row in result.false_changes.items()
    ]
    rate = [f"{result.false_per_hour[each]:.1f}" for each in detectors]
    light = [str(result.light_reactions[each]) for each in detectors]
    return table(
        ["false scene changes", *detectors],
        [*rows, ["**per hour**", *rate], [f"{result.light_steps} steps of the light", *light]],
    )


def _people(people: Sequence[People]) -> str:
    methods = list(people[0].found)
    return table(
        ["video, budget", *methods, *(f"gap closed by {name}" for name in people[0].gap_closed)],
        [
            [
                f"{row.clip}, {row.budget} frames: of {row.all}",
                *(_found(row, method) for method in methods),
                *("no gap" if gap is None else f"{gap:.0%}" for gap in row.gap_closed.values()),
            ]
            for row in people
        ],
    )


def _found(row: People, method: str) -> str:
    frames = row.frames[method]
    other = "" if frames == row.budget else f" ({_number(frames)} frames)"
    return _number(row.found[method]) + other


def _cost(result: Result) -> str:
    names = list(next(iter(result.cpu_ms.values())))
    rows = [
        [
            clip,
            *(f"{ms[name]:.2f}" for name in names),
            f"{ms['gleancam'] / ms['content']:.2f}",
            f"{ms['gleancam'] / ms['adaptive']:.2f}",
        ]
        for clip, ms in result.cpu_ms.items()
    ]
    return table(["CPU ms a frame", *names, "ratio to content", "ratio to adaptive"], rows)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
