"""Everything that the benchmark measures, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.labels.comparison import Comparison
from bench.labels.recall import EqualRecall
from bench.labels.trust import Trust


@dataclass(frozen=True, slots=True)
class Detected:
    """One detector.

    Attributes:
        published: AP on all of COCO val2017, as its makers say, 0…1: its weight.
        milliseconds: median of one image, from planes to boxes.
    """

    published: float
    milliseconds: float
    raw_boxes: int


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What was measured.

    Attributes:
        photographs: how many.
        objects: in them, crowds apart.
        fakebbox: AP, AP50, AP75 and AR of pycocotools' own example; empty: it is not there.
        comparisons: in each of `settings.SETTINGS`.
        trusts: likewise.
        equal_recall: of labels made at the device's default.
    """

    photographs: int
    objects: int
    fakebbox: tuple[float, ...]
    detectors: Mapping[str, Detected]
    comparisons: tuple[Comparison, ...]
    trusts: tuple[Trust, ...]
    equal_recall: tuple[EqualRecall, ...]
