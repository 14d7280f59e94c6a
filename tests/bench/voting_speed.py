"""A vote against ensemble-boxes' weighted boxes fusion of the same boxes, run by run in turn.

    PYTHONPATH=tests .venv/bin/python -m bench.voting_speed [--boxes N] [--models M] [--runs R]

Ours is the whole of it: from evidence to labels with votes, overlaps, uncertainties and conflicts.
Theirs is given its lists ready-made, and gives boxes, scores and classes. Processor time of the
thread is measured, so that a busy machine disturbs little; garbage is collected between runs.
The IoU is 0.7 for both; the strategies that group take theirs, 0.5. Nothing is suppressed before
(`iou_nms = 1`) where it says so, so that both fuse the very same boxes.
"""

from __future__ import annotations

import argparse
import copy
import gc
import statistics
import time
import warnings
from collections.abc import Callable, Iterator

from ensemble_boxes import weighted_boxes_fusion

from bench.markdown import table
from gleancam_engines.voting.committee import Rules
from made_committees import Frame, crowded_frame, of_frame, random_frame

WAYS = {
    "wbf": Rules(),
    "wbf, nothing suppressed": Rules(iou_nms=1.0),
    "affirmative": Rules("affirmative"),
    "unanimous": Rules("unanimous"),
}
SCENES: dict[str, Callable[[int, int, int, int], Frame]] = {
    "objects, seen by all": crowded_frame,
    "random boxes": random_frame,
}


def main() -> None:
    """Print a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boxes", type=int, default=1000)
    parser.add_argument("--models", type=int, default=5)
    parser.add_argument("--runs", type=int, default=15)
    args = parser.parse_args()
    head = [
        "scene",
        "classes",
        *WAYS,
        "ensemble-boxes ms",
        *(f"{way}: times faster" for way in WAYS),
    ]
    print(table(head, rows(args.boxes, args.models, args.runs)))


def rows(boxes: int, models: int, runs: int) -> Iterator[list[str]]:
    for scene, make in SCENES.items():
        for classes in (1, 5, 80):
            took, ratios = measured(make(1, models, boxes // models, classes), classes, runs)
            ms = [f"{1e3 * statistics.median(took[way]):.1f}" for way in (*WAYS, "theirs")]
            yield [scene, str(classes), *ms, *(f"{ratios[way]:.1f}" for way in WAYS)]


def measured(
    frame: Frame, classes: int, runs: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return seconds by way, and the medians of the ratios of paired runs."""
    calls: dict[str, Callable[[], object]] = {}
    for way, rules in WAYS.items():
        asked, evidence = of_frame(frame, classes, rules)
        calls[way] = lambda asked=asked, evidence=evidence: asked.vote(evidence)  # type: ignore[misc]
    took: dict[str, list[float]] = {way: [] for way in (*calls, "theirs")}
    for _ in range(runs):
        took["theirs"].append(timed(theirs(frame)))
        for way, call in calls.items():
            took[way].append(timed(call))
    pairs = {way: zip(took["theirs"], took[way], strict=True) for way in calls}
    return took, {
        way: statistics.median(their / our for their, our in each) for way, each in pairs.items()
    }


def theirs(frame: Frame) -> Callable[[], object]:
    """Give it copies, since it changes its input; making them is not counted."""
    boxes, scores, labels = (copy.deepcopy([one[part] for one in frame]) for part in range(3))
    return lambda: weighted_boxes_fusion(boxes, scores, labels, iou_thr=0.7)


def timed(call: Callable[[], object]) -> float:
    gc.collect()
    began = time.thread_time()
    call()
    return time.thread_time() - began


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
