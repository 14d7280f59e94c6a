"""All scenarios: how often and how hard, by `make chaos` and in the tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from chaos import (
    broker_kills,
    camera_flaps,
    clock_steps,
    cut_line,
    daemon_kills,
    full_disk,
    odd_consumers,
    read_only_disk,
    slow_line,
    week_away,
)
from chaos.place import Place


@dataclass(frozen=True)
class Size:
    """Runs, each on a site of its own, and how often in each something happens."""

    runs: int
    strength: int


@dataclass(frozen=True)
class Scenario:
    """One kind of trouble.

    Attributes:
        unit: what `strength` counts.
    """

    name: str
    run: Callable[[Place, random.Random, int], None]
    unit: str
    full: Size
    test: Size


SCENARIOS = (
    Scenario("daemon-kills", daemon_kills.run, "kills", Size(10, 20), Size(1, 20)),
    Scenario("broker-kills", broker_kills.run, "kills", Size(5, 10), Size(1, 5)),
    Scenario("week-away", week_away.run, "weeks", Size(3, 1), Size(1, 1)),
    Scenario("cut-line", cut_line.run, "cuts", Size(3, 20), Size(1, 5)),
    Scenario("slow-line", slow_line.run, "seconds", Size(3, 20), Size(1, 5)),
    Scenario("full-disk", full_disk.run, "times", Size(3, 6), Size(1, 3)),
    Scenario("read-only-disk", read_only_disk.run, "times", Size(3, 4), Size(1, 1)),
    Scenario("clock-steps", clock_steps.run, "rounds of 6", Size(3, 2), Size(1, 1)),
    Scenario("camera-flaps", camera_flaps.run, "flaps", Size(3, 8), Size(1, 2)),
    Scenario("odd-consumers", odd_consumers.run, "seconds", Size(3, 20), Size(1, 5)),
)
