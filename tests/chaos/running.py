"""Runs of one scenario: each on a fresh site, with a chance of its own that the seed repeats."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from chaos.account import Account
from chaos.place import ChaosError, Place
from chaos.scenarios import Scenario, Size
from gleancam.demo.child import ChildError


@dataclass
class Outcome:
    """What came of all runs of one scenario.

    Attributes:
        violations: in words, each with its run.
        folders: of runs that failed, left for whoever looks into it.
    """

    scenario: str
    unit: str
    runs: int = 0
    struck: int = 0
    kept: int = 0
    delivered: int = 0
    duplicates: int = 0
    waiting: int = 0
    dead: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, account: Account, duplicates: int) -> None:
        """Add one run's account."""
        self.kept += account.kept
        self.delivered += account.delivered
        self.duplicates += duplicates
        self.waiting += account.waiting
        self.dead += account.dead
        self.lost += account.lost


def run_all(scenario: Scenario, size: Size, seed: int, first: int = 0) -> Outcome:
    """Run them; `first` is the number of the first run, to repeat one that failed."""
    outcome = Outcome(scenario.name, scenario.unit)
    began = time.monotonic()
    for number in range(first, first + size.runs):
        _run(scenario, size.strength, f"{seed} {scenario.name} {number}", outcome)
        outcome.runs += 1
        outcome.struck += size.strength
    outcome.seconds = time.monotonic() - began
    return outcome


def _run(scenario: Scenario, strength: int, name: str, outcome: Outcome) -> None:
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{scenario.name}-"))
    rng = random.Random(name)
    place = Place(folder, rng)
    try:
        scenario.run(place, rng, strength)
        account = place.end()
        if not account.kept or not account.delivered:
            place.violations.append("nothing was kept or delivered: nothing was tried")
        outcome.add(account, place.duplicates)
    except (ChaosError, ChildError) as error:
        place.violations.append(str(error))
    finally:
        place.close()
    if not place.violations:
        shutil.rmtree(folder)
        return
    outcome.violations += [f"{name}: {one}" for one in dict.fromkeys(place.violations)]
    outcome.folders.append(str(folder))
