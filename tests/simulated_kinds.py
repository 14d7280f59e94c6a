"""Kinds of days that budgets are measured on, and how they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam.config.selection_keys import Novelty, Selection
from gleancam.selectors.budget_amount import parse_amount
from gleancam_engines.planes import Float32Array
from simulated_days import DAY_S, Day, Kind, World, across, coverage, k_center, part
from simulated_selection import SimulatedCamera

HOUR_S = 3600
HOURS_A_DAY = 24
WEEKDAY, WEEKEND = Kind(), Kind(visits=100)
STORM = Kind(storm=4)
EARLY = Kind(busy=(0, 9 * HOUR_S))


@dataclass(frozen=True)
class Case:
    """Days in a row under one budget.

    Attributes:
        budget: as in the configuration.
        samples: about how many that are, in a period: what the oracle may choose.
        sizes: of samples, for a budget of bytes; see `SimulatedCamera`.
        noon: the first day begins at noon.
    """

    name: str
    kinds: tuple[Kind, ...]
    budget: str = "100/day"
    samples: int = 100
    sizes: tuple[float, float] | None = None
    noon: bool = False

    @property
    def hourly(self) -> bool:
        """Whether the budget's period is an hour."""
        return self.budget.endswith("/hour")


@dataclass(frozen=True)
class Result:
    """One day of a case.

    Attributes:
        spent: share of the day's budget.
        covered: share of the day's clusters that a frame shows that was kept that day or before.
        oracle: what k-center covers that knows the day, may choose as many frames as the budget has
            room for, and starts from what was kept on the days before.
    """

    case: str
    seed: int
    day: int
    spent: float
    covered: float
    oracle: float


CASES = (
    Case("visits from 6 to 20 h", (WEEKDAY, WEEKDAY)),
    Case("and a burst of visits", (Kind(bursts=(200,)),)),
    Case("and two bursts", (Kind(bursts=(200, 200)),)),
    Case("and a camera knocked at 11 h", (Kind(moved=(11 * HOUR_S,)), WEEKDAY)),
    Case("and knocked at 9 and 15 h", (Kind(moved=(9 * HOUR_S, 15 * HOUR_S)),)),
    Case("and four hours of wind", (STORM, WEEKDAY)),
    Case("and eight hours of wind", (Kind(storm=8),)),
    Case("and light that turns six times", (Kind(drift=1.2, turns=6),)),
    Case("visits from 0 to 9 h", (EARLY, EARLY)),
    Case("visits from 15 to 24 h", (Kind(busy=(15 * HOUR_S, DAY_S)),)),
    Case("visits all day", (Kind(busy=(0, DAY_S)),)),
    Case("begins at noon", (WEEKDAY,), noon=True),
    Case("two weekdays, a weekend", (WEEKDAY, WEEKDAY, WEEKEND, WEEKEND)),
    Case("20/day", (WEEKDAY, WEEKDAY), "20/day", 20),
    Case("400/day", (WEEKDAY, WEEKDAY), "400/day", 400),
    Case(
        "20 MB/day, samples of 100 to 400 kB", (WEEKDAY, WEEKDAY), "20 MB/day", 100, (200e3, 0.35)
    ),
    Case("8/hour", (Kind(busy=(0, DAY_S)),), "8/hour", 8),
)
"""Several days: the first has nothing to go by."""


def measure(case: Case, seed: int) -> Iterator[Result]:
    """Play a case's days; one result for each."""
    # A smaller memory than by default: it is faster.
    selection = Selection(budget=case.budget, novelty=Novelty(capacity=2048))
    camera, world = SimulatedCamera(selection, case.sizes), World(seed, case.kinds[0])
    limit = parse_amount(case.budget).limit * (HOURS_A_DAY if case.hourly else 1)
    known: Float32Array | None = None
    clusters: set[int] = set()
    for number, kind in enumerate(case.kinds):
        day = world.day(kind)
        if case.noon:
            day = across(day, world.day(kind), DAY_S // 2)
        played = camera.play(day)
        yield Result(
            case.name,
            seed,
            number + 1,
            float(played.spent.sum()) / limit,
            coverage(day, played.kept, clusters),
            coverage(day, _oracle(case, day, known), clusters),
        )
        clusters |= set(day.cluster[played.kept].tolist())
        kept = day.embeddings[played.kept]
        known = kept if known is None else np.concatenate([known, kept])


def _oracle(case: Case, day: Day, known: Float32Array | None) -> npt.NDArray[np.int64]:
    """What a k-center chooses that knows the period, and then the next one."""
    if not case.hourly:
        return k_center(day, case.samples, known)
    chosen: list[int] = []
    for hour in range(HOURS_A_DAY):
        first = int(np.searchsorted(day.seconds, hour * HOUR_S))
        there = (
            day.embeddings[chosen]
            if known is None
            else np.concatenate([known, day.embeddings[chosen]])
        )
        among = part(day, hour * HOUR_S, (hour + 1) * HOUR_S)
        chosen += (first + k_center(among, case.samples, there)).tolist()
    return np.array(chosen)
