"""Rules between the keys of `[selection]`, and from there to cameras and models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gleancam.config.keys import Models
from gleancam.config.problem import Problem
from gleancam.config.selection_keys import Selection
from gleancam.config.shape import did_you_mean


def selection_problems(
    selection: Selection, models: Models, camera_ids: Sequence[str]
) -> Iterator[Problem]:
    """Find what is wrong between keys of a selection whose types are right.

    Yields:
        Tags given twice, names given twice, cameras that are none, doubt without a detector.
    """
    for tag, count in Counter(near.tag for near in selection.near).items():
        if count > 1:
            yield Problem("selection.near", f'"{tag}"', f"is the tag of {count}", "use each once")
    for index, near in enumerate(selection.near):
        path = f"selection.near[{index}]"
        yield from _twice(f"{path}.classes", near.classes)
        yield from _twice(f"{path}.cameras", near.cameras)
        yield from _strangers(f"{path}.cameras", near.cameras, camera_ids)
    if selection.zero_shot is not None:
        yield from _twice("selection.zero_shot.classes", selection.zero_shot.classes)
    if selection.uncertain.enabled and not models.detectors:
        what = "needs a detector, and models.detectors names none"
        yield Problem("selection.uncertain.enabled", "true", what)


def _twice(path: str, names: Sequence[str] | None) -> Iterator[Problem]:
    for name, count in Counter(names or ()).items():
        if count > 1:
            yield Problem(path, f'"{name}"', f"is named {count} times")


def _strangers(path: str, names: Sequence[str] | None, known: Sequence[str]) -> Iterator[Problem]:
    for name in names or ():
        if name not in known:
            yield Problem(path, f'"{name}"', "is no camera", did_you_mean(name, known))
