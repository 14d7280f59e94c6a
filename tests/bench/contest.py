"""All results of the selection benchmark, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from bench.budgeted import Kept, baselines, score
from bench.cost import cpu_ms
from bench.diversity import names_covered, per_hour
from bench.embeddings import VideoEmbeddings
from bench.features import Features
from bench.footage import Clip
from bench.identities import Boxes, gap_closed, identities, oracle
from bench.light_reactions import steps
from bench.novelty import kept_within_budget, sweep
from bench.replays import Replayed
from bench.score import CutScore, Stretch, score_cuts, stretches_extra, stretches_found
from bench.small_budget import kept_at_most

BUDGETS = (*range(1, 20), *range(20, 41, 2))
SMALL_BUDGETS = (3, 6, 12)
TIMED = ("cctv_day_public", "cuts_public")


@dataclass(frozen=True, eq=False)
class Entry:
    """A clip and everything that was seen of it."""

    clip: Clip
    video: Path
    embeddings: VideoEmbeddings
    seen: Features
    replayed: Replayed

    @property
    def seconds(self) -> float:
        times_s = self.seen.times_s
        return float(times_s[-1] * len(times_s) / max(len(times_s) - 1, 1))


@dataclass(frozen=True)
class Coverage:
    """All methods at gleancam's own number of frames, and the number covered at other budgets."""

    clip: str
    distinct: int
    budget: int
    methods: dict[str, Kept]
    curves: dict[str, list[tuple[int, float]]]


@dataclass(frozen=True)
class Cuts:
    """What one detector found in a clip; `gradual_extra` is None for one without such a kind."""

    clip: str
    detector: str
    hard: CutScore
    f1: float
    gradual: int
    gradual_found: int
    gradual_extra: int | None


@dataclass(frozen=True)
class People:
    """Distinct identities visible at a budget, and how many frames each method kept."""

    clip: str
    budget: int
    all: int
    found: dict[str, float]
    frames: dict[str, float]
    gap_closed: dict[str, float | None]


@dataclass(frozen=True)
class Result:
    """The whole benchmark."""

    coverage: list[Coverage]
    cuts: list[Cuts]
    false_changes: dict[str, dict[str, int]]
    fixed_seconds: dict[str, float]
    false_per_hour: dict[str, float]
    light_steps: int
    light_reactions: dict[str, int]
    people: list[People]
    kept: dict[str, int]
    embedded_share: dict[str, float]
    cpu_ms: dict[str, dict[str, float]]


def contest(entries: Sequence[Entry], lit: dict[str, int]) -> Result:
    """Measure everything; `lit` are the reactions to steps of the light."""
    fixed = [entry for entry in entries if entry.clip.fixed]
    false = {entry.clip.name: {n: len(c) for n, c in _changes(entry).items()} for entry in fixed}
    seconds = {entry.clip.name: entry.seconds for entry in fixed}
    return Result(
        coverage=[_coverage(entry) for entry in entries if entry.clip.spans],
        cuts=[row for entry in entries if entry.clip.cuts is not None for row in _cuts(entry)],
        false_changes=false,
        fixed_seconds=seconds,
        false_per_hour={
            name: per_hour(sum(row[name] for row in false.values()), sum(seconds.values()))
            for name in next(iter(false.values()))
        },
        light_steps=steps(),
        light_reactions=lit,
        people=[
            _people(entry, entry.clip.boxes, budget)
            for entry in entries
            if entry.clip.boxes
            for budget in SMALL_BUDGETS
        ],
        kept={entry.clip.name: len(entry.replayed.kept) for entry in entries},
        embedded_share={entry.clip.name: 1 - entry.replayed.saved for entry in entries},
        cpu_ms={
            entry.clip.name: cpu_ms(entry.video, entry.embeddings)
            for entry in entries
            if entry.clip.name in TIMED
        },
    )


def _coverage(entry: Entry) -> Coverage:
    clip, embeddings = entry.clip, entry.embeddings
    kept = entry.replayed.kept
    choices = {"gleancam": [kept], **baselines(entry.seen, embeddings, len(kept))}
    return Coverage(
        clip=clip.name,
        distinct=len({span.name for span in clip.spans}),
        budget=len(kept),
        methods={name: score(clip, each, embeddings) for name, each in choices.items()},
        curves=_curves(entry),
    )


def _curves(entry: Entry) -> dict[str, list[tuple[int, float]]]:
    spans = entry.clip.spans
    curves: dict[str, list[tuple[int, float]]] = {}
    for budget in BUDGETS:
        for name, choices in baselines(entry.seen, entry.embeddings, budget).items():
            covered = mean(names_covered(choice, spans) for choice in choices)
            curves.setdefault(name, []).append((budget, covered))
    points = {
        len(kept): float(names_covered(kept, spans)) for kept in sweep(entry.seen, entry.embeddings)
    }
    curves["novelty, threshold varied"] = sorted(points.items())
    return curves


def _changes(entry: Entry) -> dict[str, list[int]]:
    """Say where each detector reports a change of scene of any kind."""
    replayed = entry.replayed
    return {
        "gleancam": [*replayed.cuts, *(stretch.start for stretch in replayed.gradual)],
        "PySceneDetect content": entry.seen.content.tolist(),
        "PySceneDetect adaptive": entry.seen.adaptive.tolist(),
    }


def _cuts(entry: Entry) -> list[Cuts]:
    return [_ours(entry)] + [
        _theirs(entry.clip, name, cuts)
        for name, cuts in _changes(entry).items()
        if name != "gleancam"
    ]


def _ours(entry: Entry) -> Cuts:
    clip, replayed = entry.clip, entry.replayed
    hard = score_cuts(replayed.cuts, clip.cuts or ())
    return Cuts(
        clip=clip.name,
        detector="gleancam",
        hard=hard,
        f1=hard.f1,
        gradual=len(clip.gradual),
        gradual_found=stretches_found(replayed.gradual, clip.gradual),
        gradual_extra=stretches_extra(replayed.gradual, clip.gradual),
    )


def _theirs(clip: Clip, name: str, cuts: Sequence[int]) -> Cuts:
    """A cut inside a gradual change finds it, and is no hard cut."""
    hard = score_cuts(cuts, clip.cuts or ())
    found = stretches_found([Stretch(cut, cut) for cut in cuts], clip.gradual)
    return Cuts(clip.name, name, hard, hard.f1, len(clip.gradual), found, None)


def _people(entry: Entry, boxes: Boxes, budget: int) -> People:
    small = kept_at_most(entry.video, entry.embeddings, SMALL_BUDGETS)
    choices = {
        "gleancam, as it ships": [entry.replayed.kept],
        "gleancam": [small[budget]],
        "whole-frame novelty": [kept_within_budget(entry.seen, entry.embeddings, budget)],
        **baselines(entry.seen, entry.embeddings, budget),
        "greedy oracle": [oracle(boxes, budget)],
    }
    found = {name: mean(identities(kept, boxes) for kept in each) for name, each in choices.items()}
    return People(
        clip=entry.clip.name,
        budget=budget,
        all=identities(boxes, boxes),
        found=found,
        frames={name: mean(len(kept) for kept in each) for name, each in choices.items()},
        gap_closed={
            name: gap_closed(found[name], found["every N s"], found["greedy oracle"])
            for name in ("gleancam", "whole-frame novelty")
        },
    )
